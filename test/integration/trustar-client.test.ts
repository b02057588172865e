import { tokenAnswer } from "../../services/trustar/trustar-schema.js";
import { RateLimitedError } from "../../src/core/errors.js";
import { never, until } from "../support/lookup-fixtures.js";
import {
  createNoonClock,
  createShiftedClock,
  failureOf,
  openClient,
} from "../support/trustar-client-fixture.js";

const ip = "203.0.113.7";
const metadataCall = "POST /indicators/metadata";
const tokenCall = "POST /oauth/token";

describe("the token", () => {
  it("is fetched once for fifty calls that start together", async () => {
    await using parts = await openClient();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => parts.indicators.metadata([ip], never())),
    );
    expect(answers.every(([first]) => first?.value === ip)).toBe(true);
    expect(parts.simulator.calls().byEndpoint).toEqual({ [tokenCall]: 1, [metadataCall]: 50 });
  });

  it("that has expired is renewed once for all calls in flight, which then succeed", async () => {
    await using parts = await openClient();
    await parts.indicators.metadata([ip], never());
    parts.simulator.revokeTokens();
    parts.simulator.faults.add({ kind: "latency", ms: 300, endpoint: "/indicators/metadata" });
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => parts.indicators.metadata([ip], never())),
    );
    expect(answers.flat()).toHaveLength(20);
    expect(parts.simulator.calls().byEndpoint).toEqual({ [tokenCall]: 2, [metadataCall]: 41 });
  });

  it.each(["Expired oauth2 access token", "Invalid oauth2 access token", "Expired oaut2 access token"])(
    "is renewed when TruSTAR answers 400 with %j",
    async (description) => {
      await using parts = await openClient();
      parts.simulator.faults.add({ kind: "expired-token", times: 1, description });
      expect(await parts.indicators.metadata([ip], never())).toHaveLength(1);
      expect(parts.observed).toEqual([
        `${tokenCall} 200`,
        `${metadataCall} 400`,
        `${tokenCall} 200`,
        `${metadataCall} 200`,
      ]);
    },
  );

  it("is renewed once only for one call: the next refusal is reported, and is worth asking again", async () => {
    await using parts = await openClient();
    parts.simulator.faults.add({ kind: "expired-token", times: 2 });
    const { error } = await failureOf(parts.indicators.metadata([ip], never()));
    expect(error).toMatchObject({ code: "upstream_token_expired", retryable: true });
    expect(parts.observed).toHaveLength(4);
    expect(await parts.indicators.metadata([ip], never())).toHaveLength(1);
  });

  it("is renewed before it expires, and not asked for with every call in its last minute", async () => {
    const clock = createShiftedClock();
    await using parts = await openClient({ simulator: { clock } });
    const elapse = (ms: number): void => {
      clock.advance(ms);
      parts.clock.advance(ms);
    };
    await parts.indicators.metadata([ip], never());
    elapse(545_000);
    for (let call = 0; call < 12; call += 1) {
      await parts.indicators.metadata([ip], never());
      elapse(4_000);
    }
    await parts.indicators.metadata([ip], never());
    expect(parts.simulator.calls().byStatus).not.toHaveProperty("400");
    expect(parts.simulator.calls().byEndpoint[tokenCall]).toBeLessThanOrEqual(6);
  });

  it("is refused for wrong credentials with words that help, and TruSTAR is not hammered with them", async () => {
    await using parts = await openClient({ apiSecret: "wrong-secret" });
    const { error, printed } = await failureOf(parts.client.authenticate(never()));
    expect(error).toMatchObject({ code: "upstream_unauthorized", retryable: false, status: 401 });
    expect(error.message).toContain("check user_api_key and user_api_secret");
    expect(printed).not.toContain("wrong-secret");
    await Promise.allSettled(Array.from({ length: 30 }, () => parts.indicators.metadata([ip], never())));
    expect(parts.simulator.calls().byEndpoint).toEqual({ [tokenCall]: 1 });
  });

  it("that nobody waits for any more does not cancel it for the others", async () => {
    await using parts = await openClient();
    parts.simulator.faults.add({ kind: "latency", ms: 30, endpoint: "/oauth/token" });
    const controller = new AbortController();
    const leaver = failureOf(parts.indicators.metadata([ip], controller.signal));
    const stayer = parts.indicators.metadata([ip], never());
    controller.abort(new Error("left"));
    expect((await leaver).error.message).toBe("left");
    expect(await stayer).toHaveLength(1);
  });

  it("of an odd shape is not used", async () => {
    await using parts = await openClient();
    for (const body of [{}, { access_token: "" }, { access_token: 5 }, [], null]) {
      expect(tokenAnswer.safeParse(body).success).toBe(false);
      parts.simulator.faults.add({ kind: "wrong-shape", endpoint: "/oauth/token", times: 1, body });
      expect((await failureOf(parts.client.authenticate(never()))).error).toMatchObject({
        code: "upstream_invalid_answer",
      });
    }
    await parts.client.authenticate(never());
  });
});

describe("a rate limit", () => {
  it("holds every caller of the account for the time that TruSTAR names", async () => {
    await using parts = await openClient();
    await parts.client.authenticate(never());
    parts.simulator.faults.add({ kind: "rate-limit", waitTimeMs: 60, times: 1 });
    const startedMs = performance.now();
    const { error } = await failureOf(parts.indicators.metadata([ip], never()));
    expect(error).toBeInstanceOf(RateLimitedError);
    await Promise.all([parts.account.ping(never()), parts.indicators.metadata([ip], never())]);
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(55);
    expect(parts.observed.slice(-2).toSorted()).toEqual(["GET /ping 200", `${metadataCall} 200`]);
  });

  it.each([
    [null, 60_000],
    [300_000, 300_000],
  ])("of %p ms makes callers wait without a call, for %i ms", async (waitTimeMs, heldMs) => {
    await using parts = await openClient();
    await parts.client.authenticate(never());
    parts.simulator.faults.add({ kind: "rate-limit", waitTimeMs, times: 1 });
    const askedAtMs = parts.clock.now();
    const { error } = await failureOf(parts.indicators.metadata([ip], never()));
    expect(error).toBeInstanceOf(RateLimitedError);
    const retryAtMs = error instanceof RateLimitedError ? error.retryAtMs : 0;
    expect(retryAtMs).toBeGreaterThanOrEqual(askedAtMs + heldMs);
    expect(retryAtMs).toBeLessThanOrEqual(parts.clock.now() + heldMs);
    const controller = new AbortController();
    const waiting = failureOf(parts.indicators.metadata([ip], controller.signal));
    await until(() => parts.gate.waiting() === 1);
    expect(parts.observed).toHaveLength(2);
    controller.abort(new Error("time is up"));
    expect((await waiting).error).toMatchObject({ code: "upstream_rate_limited" });
    parts.clock.advance(heldMs);
    expect(await parts.indicators.metadata([ip], never())).toHaveLength(1);
  });

  it.each([
    [3_600_000, 3_600_000],
    [10 * 365 * 86_400_000, 86_400_000],
  ])("of %p ms is the day's quota: what costs it is refused without a call", async (waitTimeMs, heldMs) => {
    await using parts = await openClient();
    await parts.client.authenticate(never());
    parts.simulator.faults.add({ kind: "rate-limit", waitTimeMs, times: 1 });
    expect((await failureOf(parts.indicators.metadata([ip], never()))).error).toBeInstanceOf(
      RateLimitedError,
    );
    const { error } = await failureOf(parts.indicators.metadata([ip], never()));
    expect(error).toMatchObject({ code: "quota_exhausted" });
    expect(parts.observed).toHaveLength(2);
    await parts.account.ping(never());
    parts.clock.advance(heldMs);
    expect(await parts.indicators.metadata([ip], never())).toHaveLength(1);
  });

  it("of the token call holds the others too", async () => {
    await using parts = await openClient();
    parts.simulator.faults.add({ kind: "rate-limit", waitTimeMs: 30, times: 1, endpoint: "/oauth/token" });
    expect((await failureOf(parts.client.authenticate(never()))).error).toBeInstanceOf(RateLimitedError);
    expect(await parts.indicators.metadata([ip], never())).toHaveLength(1);
  });

  it("is never met by sixty-one calls in a minute: the last one waits here instead", async () => {
    await using parts = await openClient({ simulator: { limits: { perMinutePerUser: 60 } } });
    await Promise.all(Array.from({ length: 59 }, () => parts.account.ping(never())));
    const controller = new AbortController();
    const last = failureOf(parts.account.ping(controller.signal));
    await until(() => parts.gate.waiting() === 1);
    expect(parts.simulator.calls().byStatus).toEqual({ "200": 60 });
    controller.abort(new Error("time is up"));
    expect((await last).error).toMatchObject({ code: "upstream_rate_limited" });
    parts.clock.advance(62_000);
    await parts.account.ping(never());
  });
});

describe("the day's quota", () => {
  it("is read into the gate and, once spent, refused without a call; what is exempt still goes", async () => {
    await using parts = await openClient({ simulator: { limits: { perDayPerCompany: 2 } } });
    await parts.indicators.metadata([ip], never());
    await parts.account.readQuota(never());
    expect(parts.gate.quotaLeft()).toBe(1);
    await parts.indicators.metadata([ip], never());
    const before = parts.simulator.calls().total;
    const { error } = await failureOf(parts.indicators.metadata([ip], never()));
    expect(error).toMatchObject({ code: "quota_exhausted", retryable: true });
    expect(parts.simulator.calls().total).toBe(before);
    await parts.account.ping(never());
    expect(await parts.account.enclaves(never())).not.toEqual([]);
    await parts.account.readQuota(never());
    expect(parts.simulator.calls().byStatus).not.toHaveProperty("429");
  });

  it("when TruSTAR says it is spent holds what costs quota, not what is exempt", async () => {
    const clock = createNoonClock();
    await using parts = await openClient({ simulator: { limits: { perDayPerCompany: 1 }, clock } });
    await parts.indicators.metadata([ip], never());
    expect((await failureOf(parts.indicators.metadata([ip], never()))).error).toBeInstanceOf(
      RateLimitedError,
    );
    await parts.account.ping(never());
    expect(await parts.account.enclaves(never())).not.toEqual([]);
    expect((await failureOf(parts.indicators.metadata([ip], never()))).error).toMatchObject({
      code: "quota_exhausted",
    });
    expect(parts.gate.quotaLeft()).toBe(0);
    await parts.account.readQuota(never());
    expect(parts.simulator.calls().byStatus).toMatchObject({ "429": 1 });
  });

  it("is unlimited as long as TruSTAR names none", async () => {
    await using parts = await openClient();
    parts.simulator.faults.add({ kind: "wrong-shape", endpoint: "/request-quotas", body: [] });
    await parts.account.readQuota(never());
    expect(parts.gate.quotaLeft()).toBeUndefined();
  });

  it("that can't be counts as unknown: TruSTAR's own refusals are the limit, whatever was known before", async () => {
    await using parts = await openClient({ simulator: { limits: { perDayPerCompany: 100 } } });
    await parts.account.readQuota(never());
    expect(parts.gate.quotaLeft()).toBe(100);
    const body = [{ maxRequests: -1, usedRequests: 0, nextResetTime: 9e15 }];
    parts.simulator.faults.add({ kind: "wrong-shape", endpoint: "/request-quotas", body });
    const { error } = await failureOf(parts.account.readQuota(never()));
    expect(error).toMatchObject({ code: "upstream_invalid_answer" });
    expect(parts.gate.quotaLeft()).toBeUndefined();
    await parts.indicators.metadata([ip], never());
  });

  it("counts the calls that left while it was asked for, and those before only once", async () => {
    await using parts = await openClient({ simulator: { limits: { perDayPerCompany: 100 } } });
    await parts.indicators.metadata([ip], never());
    const latency = { kind: "latency", ms: 200, endpoint: "/indicators/metadata" } as const;
    parts.simulator.faults.add(latency);
    const read = parts.account.readQuota(never());
    const asked = parts.indicators.metadata([ip], never());
    await Promise.all([read, asked]);
    expect(parts.gate.quotaLeft()).toBe(98);
    await parts.account.readQuota(never());
    expect(parts.gate.quotaLeft()).toBe(98);
  });
});

describe("the calls as TruSTAR sees them", () => {
  it("name the client, as TruSTAR asks of integrations", async () => {
    await using parts = await openClient();
    await parts.indicators.metadata([ip], never());
    expect(parts.simulator.requests().at(-1)).toMatchObject({
      clientType: "API",
      clientVersion: "9.9.9",
      clientMetatag: "Resilient",
      body: `[{"value":"${ip}"}]`,
    });
  });

  it("ask within the configured enclaves only", async () => {
    await using every = await openClient();
    const feed = every.simulator.enclaves.find(({ name }) => name === "VirusTotal")!.id;
    const other = every.simulator.enclaves.find(({ name }) => name === "Threat Example")!.id;
    await using parts = await openClient({ enclaveIds: [feed, other] });
    const asked = ["198.51.100.23", ip];
    expect((await parts.indicators.metadata(asked, never())).map(({ value }) => value).sort()).toEqual(asked);
    await using narrow = await openClient({ enclaveIds: [feed] });
    expect((await narrow.indicators.metadata(asked, never())).map(({ value }) => value)).toEqual([ip]);
    expect((await parts.indicators.summaries([ip], never())).map(({ sourceName }) => sourceName)).toEqual([
      "VirusTotal",
      "Threat Example",
    ]);
    expect(parts.simulator.requests().at(-1)?.query).toMatchObject({ enclaveIds: `${feed},${other}` });
  });

  it("close their sockets on close, and later calls fail at once", async () => {
    await using parts = await openClient();
    await parts.indicators.metadata([ip], never());
    parts.simulator.faults.add({ kind: "hang" });
    const hanging = failureOf(parts.indicators.metadata([ip], never()));
    await until(() => parts.simulator.calls().inFlight === 1);
    parts.client.close();
    expect((await hanging).error).toBeInstanceOf(Error);
    await until(() => parts.simulator.calls().inFlight === 0, "the end of the socket");
  });
});

it("a 401 to a call renews the token once; a second one is told as it is", async () => {
  await using parts = await openClient();
  await parts.client.authenticate(never());
  parts.simulator.faults.add({ kind: "status", status: 401, endpoint: "/indicators/metadata", times: 1 });
  expect(await parts.indicators.metadata([ip], never())).toHaveLength(1);
  expect(parts.simulator.calls().byEndpoint["POST /oauth/token"]).toBe(2);
  parts.simulator.faults.add({ kind: "status", status: 401, endpoint: "/indicators/metadata" });
  const { error } = await failureOf(parts.indicators.metadata([ip], never()));
  expect(error).toMatchObject({ code: "upstream_unauthorized" });
});
