import { UpstreamError } from "../../../src/core/errors.js";
import type { Fault } from "../../support/trustar-simulator/start-trustar-simulator.js";
import { never } from "../../support/lookup-fixtures.js";
import { failureOf, openClient, type ClientParts } from "../../support/trustar-client-fixture.js";

const asked = ["203.0.113.7", "http://evil.example/private-path", "billing@evil.example"];
const secret = "a-secret-of-the-account";
/** Of a call that gets no answer; the others have all the time they need. */
const quickMs = 2_000;

/** The scope of a fault is the test's to say. */
type Kind = Fault extends infer F ? (F extends unknown ? Omit<F, "endpoint" | "times"> : never) : never;

const faults: readonly (readonly [what: string, fault: Kind, code: string, retryable: boolean])[] = [
  [
    "a bad request",
    { kind: "status", status: 400, message: `Bad values ${asked.join(" ")}` },
    "upstream_rejected",
    false,
  ],
  ["401", { kind: "status", status: 401 }, "upstream_unauthorized", false],
  [
    "403",
    { kind: "status", status: 403, message: "no access for billing@evil.example" },
    "upstream_forbidden",
    false,
  ],
  ["404", { kind: "status", status: 404 }, "upstream_not_found", false],
  ["413", { kind: "status", status: 413 }, "upstream_too_large", false],
  ["414", { kind: "status", status: 414 }, "upstream_too_large", false],
  ["500", { kind: "status", status: 500 }, "upstream_failed", true],
  ["502 of a gateway, in HTML", { kind: "status", status: 502 }, "upstream_failed", true],
  ["503", { kind: "status", status: 503, format: "json" }, "upstream_failed", true],
  ["504 of a gateway, in HTML", { kind: "status", status: 504 }, "upstream_failed", true],
  ["a rate limit", { kind: "rate-limit", waitTimeMs: 1 }, "upstream_rate_limited", true],
  ["silence", { kind: "hang" }, "upstream_timeout", true],
  ["a drip that would take a minute", { kind: "drip", everyMs: 100 }, "upstream_timeout", true],
  ["a reset", { kind: "reset" }, "upstream_unreachable", true],
  ["a reset after the work was done", { kind: "reset", stage: "after" }, "upstream_unreachable", true],
  ["half a body", { kind: "half-body" }, "upstream_unreachable", true],
  ["another shape", { kind: "wrong-shape" }, "upstream_invalid_answer", true],
  ["null", { kind: "wrong-shape", body: null }, "upstream_invalid_answer", true],
  ["garbage", { kind: "garbage" }, "upstream_invalid_answer", true],
  [
    "a login page with status 200",
    { kind: "status", status: 200, format: "html" },
    "upstream_invalid_answer",
    true,
  ],
  ["no content", { kind: "status", status: 204 }, "upstream_invalid_answer", true],
  [
    "a redirect",
    { kind: "redirect", location: "http://127.0.0.1:9/elsewhere" },
    "upstream_invalid_answer",
    true,
  ],
];

function open(code?: string): Promise<ClientParts> {
  return openClient({
    ...(code === "upstream_timeout" && { timeoutMs: quickMs }),
    apiSecret: secret,
    simulator: { credentials: { key: "the-api-key", secret } },
  });
}

const credentials = [
  "the-api-key",
  secret,
  Buffer.from(`the-api-key:${secret}`).toString("base64"),
  "Bearer ",
  "Basic ",
];

function expectNone(words: readonly string[], printed: string): void {
  for (const word of words) expect(printed).not.toContain(word);
}

describe.each(faults)("%s", (_what, fault, code, retryable) => {
  it(`in place of metadata is ${code} and tells nothing private`, async () => {
    await using parts = await open(code);
    await parts.client.authenticate(never());
    parts.simulator.faults.add({ ...fault, endpoint: "/indicators/metadata" });
    const { error, printed } = await failureOf(parts.indicators.metadata(asked, never()));
    expect(error).toMatchObject({ code, retryable });
    expectNone([...asked, ...credentials], printed);
    parts.simulator.faults.clear();
    expect(await parts.indicators.metadata(["203.0.113.7"], never())).toHaveLength(1);
  });

  it("in place of a token is no token, tells nothing private, and passes when the fault does", async () => {
    await using parts = await open(code);
    parts.simulator.faults.add({ ...fault, endpoint: "/oauth/token" });
    const { error, printed } = await failureOf(parts.indicators.metadata(asked, never()));
    expect(["UpstreamError", "RateLimitedError"]).toContain(error.name);
    expectNone(credentials, printed);
    expect(parts.simulator.calls().byEndpoint).not.toHaveProperty("POST /indicators/metadata");
    parts.simulator.faults.clear();
    parts.clock.advance(61_000);
    expect(await parts.indicators.metadata(["203.0.113.7"], never())).toHaveLength(1);
  });

  it("in place of summaries or reports fails them as a whole: half the pages are no answer", async () => {
    await using parts = await open(code);
    parts.simulator.faults.add({ ...fault, endpoint: "/indicators/summaries" });
    parts.simulator.faults.add({ ...fault, endpoint: "/reports/correlated" });
    const summaries = await failureOf(parts.indicators.summaries(asked, never()));
    const reports = await failureOf(parts.indicators.correlatedReports(asked, never()));
    for (const { error, printed } of [summaries, reports]) {
      expect(error).toMatchObject({ retryable });
      expectNone([...asked, ...credentials], printed);
    }
  });
});

it("a failure names TruSTAR's trace, which its support asks for", async () => {
  await using parts = await open();
  parts.simulator.faults.add({ kind: "status", status: 500, endpoint: "/indicators/metadata" });
  const { error } = await failureOf(parts.indicators.metadata(asked, never()));
  const { traceId } = parts.simulator.requests().at(-1)!;
  expect(error).toBeInstanceOf(UpstreamError);
  expect(error).toMatchObject({ traceId });
  expect(error.message).toContain(`Trace-Id ${traceId}`);
});

it("a redirect is not followed, whoever it leads to", async () => {
  await using parts = await open();
  await using other = await openClient();
  await parts.client.authenticate(never());
  parts.simulator.faults.add({ kind: "redirect", location: `${other.simulator.apiUrl}/indicators/metadata` });
  await failureOf(parts.indicators.metadata(asked, never()));
  expect(other.simulator.calls().total).toBe(0);
});

describe("what TruSTAR repeats of our credentials", () => {
  it.each(["No client with requested id: the-api-key", `Bad credentials the-api-key:${secret}`])(
    "is not passed on when it refuses them with %j",
    async (message) => {
      await using parts = await open();
      parts.simulator.faults.add({ kind: "status", status: 401, message, endpoint: "/oauth/token" });
      const { printed } = await failureOf(parts.client.authenticate(never()));
      expectNone(credentials, printed);
    },
  );

  it("is not passed on when it names the token", async () => {
    await using parts = await open();
    const grab = await fetch(`${parts.simulator.url}/oauth/token`, {
      method: "POST",
      headers: { authorization: `Basic ${Buffer.from(`the-api-key:${secret}`).toString("base64")}` },
      body: new URLSearchParams({ grant_type: "client_credentials" }),
    });
    const token = ((await grab.json()) as { access_token: string }).access_token;
    parts.simulator.faults.add({
      kind: "status",
      status: 401,
      message: `Access token ${token} was revoked`,
      endpoint: "/indicators/metadata",
    });
    expect((await failureOf(parts.indicators.metadata(asked, never()))).printed).not.toContain(token);
  });
});

it("a caller who leaves gets its own reason, wherever the call stands", async () => {
  await using parts = await open("upstream_timeout");
  for (const endpoint of ["/oauth/token", "/indicators/metadata"]) {
    parts.simulator.faults.add({ kind: "hang", endpoint, times: 1 });
    const reason = new Error("left");
    const controller = new AbortController();
    const { length } = parts.simulator.requests();
    const leaving = failureOf(parts.indicators.metadata(asked, controller.signal));
    while (parts.simulator.requests().length === length)
      await new Promise((resolve) => setImmediate(resolve));
    controller.abort(reason);
    expect((await leaving).error).toBe(reason);
    parts.simulator.faults.clear();
    await parts.client.authenticate(never()).catch(() => undefined);
  }
});
