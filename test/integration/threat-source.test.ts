import { copyFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Secret } from "../../src/core/secret.js";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../src/core/time.js";
import { conclusion, submissionOf, until } from "../support/lookup-fixtures.js";
import { ended, fast, openSource } from "../support/threat-source-fixture.js";
import { createNoonClock } from "../support/trustar-client-fixture.js";
import { startTrustarSimulator } from "../support/trustar-simulator/start-trustar-simulator.js";

const bad = submissionOf("net.ip", "203.0.113.7");
const alsoBad = submissionOf("net.ip", "198.51.100.23");
const unknown = submissionOf("net.ip", "203.0.113.77");
const metadata = "POST /indicators/metadata";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "threat-source-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it("an artifact goes in, hits come out, by two calls of the API", async () => {
  await using parts = await openSource({ service: { answerWithinMs: 30_000 } });
  const answer = await parts.source.engine.submit(bad);
  expect(JSON.stringify(answer)).toMatch(/"Priority Level","value":"HIGH".*VirusTotal.*Threat Example/);
  expect(conclusion(await parts.source.engine.submit(unknown))).toBe("clean");
  expect(parts.simulator.calls().byEndpoint).toEqual({
    "POST /oauth/token": 1,
    [metadata]: 2,
    "POST /indicators/summaries": 1,
    "GET /request-quotas": 1,
  });
});

it("artifacts that are refused for want of room are one warning, not one each", async () => {
  await using parts = await openSource({ service: { maxPending: 2 } });
  parts.simulator.faults.add({ kind: "hang" });
  const post = (at: number): Promise<unknown> =>
    parts.source.engine.submit(submissionOf("net.ip", `198.51.100.${at}`));
  await Promise.all([post(1), post(2)]);
  for (let at = 3; at < 20; at += 1) await expect(post(at)).rejects.toThrow("too many look-ups");
  const told = parts.capture.lines().filter(({ msg }) => String(msg).includes("max_pending"));
  expect(told.map(({ count }) => count)).toEqual([1]);
  expect(told[0]?.msg).toContain("all 2 look-ups of max_pending wait");
});

describe("the outage drill", () => {
  it("503, then 429 with waitTime, a hang, an expired token, garbage, then healthy: pending all along, then hits", async () => {
    await using parts = await openSource({ source: { timeoutMs: 3_000 } });
    const { engine } = parts.source;
    const endpoint = "/indicators/metadata";
    parts.simulator.faults.add(
      { kind: "status", status: 503, endpoint, times: 3 },
      { kind: "rate-limit", waitTimeMs: 40, endpoint, times: 1 },
      { kind: "hang", endpoint, times: 1 },
      { kind: "expired-token", endpoint, times: 1 },
      { kind: "garbage", endpoint, times: 1 },
      { kind: "status", status: 502, endpoint: "/indicators/summaries", times: 2 },
    );
    const posted = [await engine.submit(bad), await engine.submit(unknown)];
    const seen = new Set<string>();
    await until(() => {
      for (const { id } of posted) seen.add(conclusion(engine.poll(id)));
      return engine.running === 0;
    }, "the end of the outage");
    expect(seen.has("failed")).toBe(false);
    expect(posted.map(({ id }) => conclusion(engine.poll(id)))).toEqual(["hit", "clean"]);
    expect(parts.simulator.calls().byStatus).toMatchObject({
      "503": 3,
      "429": 1,
      none: 1,
      "400": 1,
      "502": 2,
    });
    expect(parts.capture.text()).not.toMatch(/203\.0\.113/);
  });

  it("past max_retries polls it is failed; nothing wrong is cached: healthy again, a post brings the hits", async () => {
    await using parts = await openSource({ service: { maxRetries: 3, laterRetrySecs: 1 } });
    const { engine } = parts.source;
    parts.simulator.faults.add({ kind: "status", status: 503, message: "maintenance" });
    const { id } = await engine.submit(bad);
    await until(() => engine.trouble !== undefined);
    const polled = [1, 2, 3, 4, 5].map(() => engine.poll(id));
    expect(polled.map(conclusion)).toEqual(["pending", "pending", "pending", "failed", "failed"]);
    expect(polled.at(-1)).toMatchObject({ error: expect.stringContaining("HTTP 503") });
    parts.simulator.faults.clear();
    expect(conclusion(await engine.submit(bad))).toBe("pending");
    await ended(parts);
    expect(conclusion(engine.poll(id))).toBe("hit");
  });

  it("wrong credentials are an honest failure, told once to TruSTAR and never to the log", async () => {
    await using parts = await openSource({
      source: { apiSecret: new Secret("wrong-secret") },
      service: { answerWithinMs: 30_000 },
    });
    for (let at = 0; at < 10; at += 1) {
      parts.clock.advance(2 * SECOND_MS); // in a burst nobody would wait for the answer, and a trickle has a pace
      const answer = await parts.source.engine.submit(submissionOf("net.ip", `198.51.100.${at}`));
      expect(answer).toMatchObject({ state: "failed", error: expect.stringContaining("user_api_key") });
    }
    expect(parts.simulator.calls().byEndpoint["POST /oauth/token"]).toBe(1);
    expect(parts.capture.text()).not.toMatch(/wrong-secret|198\.51\.100/);
  });

  it("a spent quota is an honest failure, and costs no more calls", async () => {
    const options = { limits: { perDayPerCompany: 4 }, clock: createNoonClock() };
    await using parts = await openSource({
      options,
      // So that calls of a quota that is nearly spent are held for seconds, not for half an hour.
      service: { maxRetries: 1, laterRetrySecs: 2 },
      retry: { ...fast, retries: 2 },
    });
    const { engine } = parts.source;
    await engine.submit(bad);
    await ended(parts);
    const conclusions = [];
    for (let at = 0; at < 20; at += 1) {
      parts.clock.advance(6 * MINUTE_MS);
      const { id } = await engine.submit(submissionOf("net.ip", `203.0.113.${100 + at}`));
      await ended(parts);
      conclusions.push(conclusion(engine.poll(id)));
    }
    expect(conclusions).toEqual(["clean", "clean", ...Array.from({ length: 18 }, () => "failed")]);
    // One call may have left before the quota was known.
    expect(parts.simulator.calls().byStatus["429"] ?? 0).toBeLessThanOrEqual(1);
    const { byEndpoint } = parts.simulator.calls();
    const costing = (byEndpoint[metadata] ?? 0) + (byEndpoint["POST /indicators/summaries"] ?? 0);
    expect(costing).toBeLessThanOrEqual(5);
  });

  it("when another program has spent the quota, old hits are shown with their age, after a restart too; when it is raised they are asked about", async () => {
    const limits = { perDayPerCompany: 300 };
    await using simulator = await startTrustarSimulator({ limits, clock: createNoonClock() });
    const service = { stateFile: join(folder, "look-ups.state"), cacheTtlMs: 1, missTtlMs: 1 };
    const before = await openSource({ simulator, service });
    const { id } = await before.source.engine.submit(bad);
    await ended(before);
    before.clock.advance(3 * HOUR_MS);
    simulator.setLimits({ perDayPerCompany: 2 });
    await before.source.engine.submit(bad);
    await until(() => conclusion(before.source.engine.poll(id)) === "hit");
    expect(JSON.stringify(before.source.engine.poll(id))).toContain("3 h ago, quota spent");
    expect(before.source.engine.running).toBe(1);
    await before[Symbol.asyncDispose]();

    const after = await openSource({ simulator, service });
    const { engine } = after.source;
    after.clock.advance(3 * HOUR_MS);
    await until(() => conclusion(engine.poll(id)) === "hit");
    expect(JSON.stringify(await engine.submit(bad))).toContain("3 h ago, quota spent");
    await after[Symbol.asyncDispose]();

    simulator.setLimits(limits);
    await using renewed = await openSource({ simulator, service });
    renewed.clock.advance(3 * HOUR_MS);
    await until(() => conclusion(renewed.source.engine.poll(id)) === "hit");
    expect(JSON.stringify(renewed.source.engine.poll(id))).not.toContain("quota spent");
  });

  it("past max_retries a look-up that our own rate limit holds back says so", async () => {
    await using parts = await openSource({ source: { callsPerMinute: 1 }, service: { maxRetries: 1 } });
    const { engine } = parts.source;
    const { id } = await engine.submit(bad); // the token took the one call
    await until(() => parts.source.readings.waitingForBudget() > 0);
    expect([1, 2].map(() => conclusion(engine.poll(id)))).toEqual(["pending", "failed"]);
    expect(engine.poll(id)).toMatchObject({
      error: expect.stringContaining("rate limit (calls a minute: 1)"),
    });
  });

  it("a stop in the middle of a hang does not wait for it", async () => {
    const parts = await openSource({ source: { timeoutMs: 60_000 } });
    parts.simulator.faults.add({ kind: "hang", endpoint: "/indicators/metadata" });
    await parts.source.engine.submit(bad);
    await until(() => parts.simulator.calls().byEndpoint[metadata] === 1);
    await parts.source.close();
    await until(() => parts.simulator.calls().inFlight === 0);
    await parts.simulator.close();
  });
});

describe("a restart in the middle of an outage", () => {
  it.each(["a clean stop", "kill -9"])(
    "after %s keeps ids, finished and pending look-ups, and asks nothing twice",
    async (how) => {
      await using simulator = await startTrustarSimulator();
      const stateFile = join(folder, "look-ups.state");
      const before = await openSource({ simulator, service: { stateFile } });
      const finished = await before.source.engine.submit(bad);
      await ended(before);
      simulator.faults.add({ kind: "status", status: 503, endpoint: "/indicators/metadata" });
      const pending = await before.source.engine.submit(alsoBad);
      let restored = stateFile;
      if (how === "kill -9") {
        const onDisk = async (): Promise<boolean> => (await readFile(stateFile, "utf8")).includes(pending.id);
        while (!(await onDisk())) await new Promise((resolve) => setImmediate(resolve));
        restored = join(folder, "as-it-was.state");
        await copyFile(stateFile, restored);
      }
      await before[Symbol.asyncDispose]();

      simulator.resetCalls();
      await using after = await openSource({ simulator, service: { stateFile: restored } });
      const { engine } = after.source;
      expect(conclusion(engine.poll(finished.id))).toBe("hit");
      expect(conclusion(await engine.submit(bad))).toBe("hit");
      expect(conclusion(engine.poll(pending.id))).toBe("pending");
      simulator.faults.clear();
      await ended(after);
      expect(conclusion(engine.poll(pending.id))).toBe("hit");
      expect(simulator.requests().filter(({ body }) => body.includes("203.0.113.7"))).toEqual([]);
    },
  );

  it("with other enclaves old verdicts no longer count, but what was under way goes on", async () => {
    await using simulator = await startTrustarSimulator();
    const stateFile = join(folder, "look-ups.state");
    const before = await openSource({ simulator, service: { stateFile } });
    const { id } = await before.source.engine.submit(bad);
    await ended(before);
    await before[Symbol.asyncDispose]();
    const enclaveIds = [simulator.enclaves.find(({ name }) => name === "Acme private")!.id];
    await using after = await openSource({
      simulator,
      service: { stateFile, answerWithinMs: 30_000 },
      source: { enclaveIds },
    });
    expect(conclusion(after.source.engine.poll(id))).toBe("pending");
    await ended(after);
    expect(conclusion(after.source.engine.poll(id))).toBe("clean");
  });
});

describe("many artifacts", () => {
  it("a thousand new ones are ten calls, not a thousand", async () => {
    await using parts = await openSource({ service: { batchWindowMs: 20 } });
    const posts = Array.from({ length: 1_000 }, (_, at) =>
      submissionOf("net.name", `host${at}.test.example`),
    );
    const answers = await Promise.all(posts.map((post) => parts.source.engine.submit(post)));
    await ended(parts);
    expect(new Set(answers.map(({ id }) => conclusion(parts.source.engine.poll(id))))).toEqual(
      new Set(["clean"]),
    );
    expect(parts.simulator.calls().batchSizes[metadata]).toEqual(Array.from({ length: 10 }, () => 100));
  });

  it("two hundred posts of one are one look-up", async () => {
    await using parts = await openSource();
    const answers = await Promise.all(Array.from({ length: 200 }, () => parts.source.engine.submit(bad)));
    await ended(parts);
    expect(new Set(answers.map(({ id }) => conclusion(parts.source.engine.poll(id))))).toEqual(
      new Set(["hit"]),
    );
    expect(parts.simulator.calls().batchSizes[metadata]).toEqual([1]);
  });

  it("a server that takes fewer values a call than we send is served in smaller calls", async () => {
    await using parts = await openSource({
      options: { limits: { valuesPerCall: 40 } },
      service: { batchWindowMs: 20 },
    });
    const posts = [
      bad,
      ...Array.from({ length: 99 }, (_, at) => submissionOf("net.name", `host${at}.test.example`)),
    ];
    const answers = await Promise.all(posts.map((post) => parts.source.engine.submit(post)));
    await ended(parts);
    expect(answers.map(({ id }) => conclusion(parts.source.engine.poll(id)))).toEqual([
      "hit",
      ...posts.slice(1).map(() => "clean"),
    ]);
  });
});

it("what has to stay inside is in no request", async () => {
  await using parts = await openSource({ source: { neverLookup: ["corp.example"] } });
  const to = ["boss@corp.example", "billing@evil.example", "root@db.local"];
  await parts.source.engine.submit(submissionOf("email.header.to", to));
  await parts.source.engine.submit(submissionOf("system.user.password", "0123456789abcdef0123456789abcdef"));
  await parts.source.engine.submit(submissionOf("net.uri", "https://user:hunter2@evil.example/x"));
  await ended(parts);
  const sent = JSON.stringify(parts.simulator.requests());
  expect(sent).toContain("billing@evil.example");
  for (const word of ["corp.example", "db.local", "0123456789abcdef", "hunter2"])
    expect(sent).not.toContain(word);
});

it("the reports of an indicator are asked for when configured, never those of a URL; a refusal leaves the other hits", async () => {
  await using parts = await openSource({
    source: { hitDetail: "reports" },
    service: { answerWithinMs: 30_000 },
  });
  const { engine } = parts.source;
  expect(JSON.stringify(await engine.submit(bad))).toContain("EXAMPLEBOT phishing wave");
  expect(conclusion(await engine.submit(submissionOf("net.name", "evil.example")))).toBe("hit");
  expect(parts.simulator.calls().byEndpoint["GET /reports/correlated"]).toBe(1);
  parts.simulator.faults.add({ kind: "status", status: 400, endpoint: "/reports/correlated" });
  expect(conclusion(await engine.submit(alsoBad))).toBe("hit");
});
