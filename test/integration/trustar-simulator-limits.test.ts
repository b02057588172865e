import { connectPlainly } from "../support/trustar-simulator/plain-client.js";
import { startTrustarSimulator } from "../support/trustar-simulator/start-trustar-simulator.js";

const NOON = Date.UTC(2024, 1, 3, 12);
const clock = { now: () => NOON };

describe("rate per user", () => {
  it("answers 429 with the documented body, and lets through what waits long enough", async () => {
    await using simulator = await startTrustarSimulator({ clock, limits: { perMinutePerUser: 2 } });
    const client = await connectPlainly(simulator);
    await client.call("GET", "/ping");
    simulator.clock.advance(10_000);
    await client.call("GET", "/ping");
    const refused = await client.call("GET", "/ping");
    expect(refused.status).toBe(429);
    expect(refused.body).toEqual({
      message:
        "Request limit exceeded for the current time period. Please wait 50000 milliseconds before making more requests.",
      waitTime: 50_000,
    });
    simulator.clock.advance(50_000);
    expect((await client.call("GET", "/ping")).status).toBe(200);
    expect((await client.call("GET", "/ping")).status).toBe(429);
  });

  it("counts each user of the company apart", async () => {
    const other = { key: "second", secret: "s2" };
    await using simulator = await startTrustarSimulator({
      clock,
      otherAccounts: [other],
      limits: { perMinutePerUser: 1 },
    });
    const first = await connectPlainly(simulator);
    const second = await connectPlainly({ ...simulator, credentials: other });
    const statuses = [
      await first.call("GET", "/ping"),
      await second.call("GET", "/ping"),
      await first.call("GET", "/ping"),
    ].map(({ status }) => status);
    expect(statuses).toEqual([200, 200, 429]);
  });
});

describe("rate per address", () => {
  it("holds every user behind the address for five minutes", async () => {
    await using simulator = await startTrustarSimulator({ clock, limits: { perFiveMinutesPerAddress: 1 } });
    const client = await connectPlainly(simulator);
    await client.call("GET", "/ping");
    expect((await client.call("GET", "/ping")).body).toMatchObject({ waitTime: 300_000 });
  });
});

describe("daily quota", () => {
  it("spares the exempt calls, shows in request-quotas, and starts anew at 00:00 UTC", async () => {
    await using simulator = await startTrustarSimulator({
      clock,
      limits: { perDayPerCompany: 1 },
      tokenLifetimeMs: 86_400_000,
    });
    const client = await connectPlainly(simulator);
    const ask = () => client.call("POST", "/indicators/metadata", [{ value: "203.0.113.7" }]);
    expect((await ask()).status).toBe(200);
    const refused = await ask();
    expect([refused.status, refused.body]).toMatchObject([429, { waitTime: 12 * 3_600_000 }]);

    const report = { title: "t", reportBody: "b", enclaveIds: [simulator.enclaves[0]!.id] };
    const submitted = await client.call("POST", "/reports", report);
    const updated = await client.call("PUT", `/reports/${submitted.text}`, report);
    const indicators = await client.call("POST", "/indicators", {
      enclaveIds: report.enclaveIds,
      content: [{ value: "198.51.100.4" }],
    });
    const free = [submitted, updated, indicators];
    for (const path of ["/ping", "/enclaves", "/request-quotas"]) free.push(await client.call("GET", path));
    expect(free.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
    expect(free.at(-1)!.body).toEqual([
      {
        guid: expect.any(String),
        maxRequests: 1,
        usedRequests: 1,
        timeWindow: 86_400_000,
        lastResetTime: Date.UTC(2024, 1, 3),
        nextResetTime: Date.UTC(2024, 1, 4),
      },
    ]);
    simulator.clock.advance(12 * 3_600_000);
    expect((await ask()).status).toBe(200);
  });
});

describe("values per call", () => {
  it("is refused above the limit when one is set", async () => {
    await using simulator = await startTrustarSimulator({ limits: { valuesPerCall: 2 } });
    const client = await connectPlainly(simulator);
    const ask = (count: number) =>
      client.call(
        "POST",
        "/indicators/summaries",
        Array.from({ length: count }, (_, at) => `198.18.0.${at}`),
      );
    expect((await ask(2)).status).toBe(200);
    expect((await ask(3)).status).toBe(400);
  });
});
