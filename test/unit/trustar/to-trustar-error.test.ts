import { growthOf } from "../../support/cpu-time.js";
import { RateLimitedError, UpstreamError } from "../../../src/core/errors.js";
import { toTrustarError } from "../../../services/trustar/to-trustar-error.js";

const nowMs = Date.UTC(2024, 0, 1);

function translate(status: number, body: unknown, values: readonly string[] = []) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return toTrustarError(
    "POST /indicators/metadata",
    { status, text, traceId: "trace-1", hidden: { values } },
    nowMs,
  );
}

it.each([
  [400, "upstream_rejected", false],
  [401, "upstream_unauthorized", false],
  [403, "upstream_forbidden", false],
  [404, "upstream_wrong_address", false],
  [405, "upstream_rejected", false],
  [408, "upstream_timeout", true],
  [413, "upstream_too_large", false],
  [414, "upstream_too_large", false],
  [500, "upstream_failed", true],
  [502, "upstream_failed", true],
  [503, "upstream_failed", true],
  [504, "upstream_failed", true],
  [204, "upstream_invalid_answer", true],
  [302, "upstream_invalid_answer", true],
] as const)("HTTP %i is %s, retryable: %s", (status, code, retryable) => {
  for (const body of ["", "<html>oops</html>", { message: "oops" }, [], "null", { message: 5, error: {} }]) {
    expect(translate(status, body)).toMatchObject({ code, retryable, status, traceId: "trace-1" });
  }
});

it("names the call, the status and the trace, and what TruSTAR said", () => {
  expect(translate(503, { message: "down for maintenance" }).message).toBe(
    "TruSTAR has a problem of its own (POST /indicators/metadata, HTTP 503): down for maintenance (Trace-Id trace-1)",
  );
});

it.each([
  "Expired oauth2 access token",
  "Invalid oauth2 access token",
  "Expired oaut2 access token",
  "expired OAuth2 Access Token",
])("%s means another token is needed", (error_description) => {
  expect(translate(400, { error: "invalid_request", error_description })).toMatchObject({
    code: "upstream_token_expired",
    retryable: true,
  });
});

it("a 400 that speaks of something else is not about the token", () => {
  expect(translate(400, { error_description: "Invalid indicator" })).toMatchObject({
    code: "upstream_rejected",
  });
});

describe("404", () => {
  const own = (message: string) => ({
    timestamp: 1,
    status: 404,
    error: "Not Found",
    message,
    path: "/api/1.3/x",
  });

  it("in TruSTAR's own shape is about the thing that was asked for", () => {
    expect(translate(404, own("Indicator not found"))).toMatchObject({
      code: "upstream_not_found",
      retryable: false,
    });
  });

  it.each([
    ["a proxy's page", "<html><h1>404 Not Found</h1></html>"],
    ["an empty body", ""],
    ["one gateway's words", { message: "no Route matched with those values" }],
    ["another gateway's words", { message: "Not Found" }],
    ["a path that nothing is behind", own("No message available")],
    ["a path that no code handles", own("No handler found for POST /api/1.3/x")],
    ["an empty message", own("")],
    ["nothing but the status", own("Not Found")],
    ["nothing but the status's name", own("404 NOT_FOUND")],
    ["a shape without words", { status: 404, error: "Not Found" }],
  ])("with %s is a wrong address, and says what to check", (_what, body) => {
    const error = translate(404, body);
    expect(error).toMatchObject({ code: "upstream_wrong_address", retryable: false });
    expect(error.message).toContain("check url");
  });

  it.each(["\t", " ", '"', ".", "404 ", "not found ", "no route", "x"])(
    "is read in linear time, of %j",
    (unit) => {
      const work = (n: number) => {
        const text = JSON.stringify(own(`${unit.repeat(n / unit.length)}x`));
        return () => toTrustarError("GET /x", { status: 404, text, traceId: undefined, hidden: {} }, nowMs);
      };
      expect(growthOf(work)).toBeLessThan(3);
    },
  );

  it("with a message of blanks is a wrong address, and with words behind them is about a thing", () => {
    expect(translate(404, own(" ".repeat(3_000)))).toMatchObject({ code: "upstream_wrong_address" });
    expect(translate(404, own(`${" ".repeat(3_000)}Unknown report`))).toMatchObject({
      code: "upstream_not_found",
    });
  });

  it("that is longer than any of TruSTAR's is a page of somebody else", () => {
    expect(translate(404, own("Unknown ".repeat(10_000)))).toMatchObject({ code: "upstream_wrong_address" });
  });

  describe("to a report that is read", () => {
    const reportPath = "/reports/RESILIENT7%2F1";
    const path = `/api/1.3${reportPath}`;
    const read = (body: unknown) => {
      const text = typeof body === "string" ? body : JSON.stringify(body);
      const answer = { status: 404, text, traceId: undefined, hidden: {}, reportPath };
      return toTrustarError("GET /reports/{id}", answer, nowMs);
    };

    it.each([
      { ...own(""), path },
      { ...own("Not Found"), path },
      { ...own(""), path: "/reports/RESILIENT7/1" },
      { ...own(""), path: `${path}?idType=external` },
      { status: 404, error: "Not Found", path },
      { status: 404, error: "Not Found" },
      { status: 404, message: "" },
      { message: "" },
      { message: null },
      { timestamp: "2026-01-01T00:00:00Z", status: 404, error: "Not Found", message: "" },
    ])("means that there is none, as %j", (body) => {
      expect(read(body)).toMatchObject({ code: "upstream_not_found" });
    });

    it.each([
      "<html><h1>404 Not Found</h1></html>",
      "",
      "null",
      "[]",
      '"Not Found"',
      own(""),
      { ...own(""), path: `${path}/status` },
      { ...own(""), path: 7 },
      { ...own("No message available"), path },
      { ...own("No handler found for GET /reports"), path },
      { message: "Not Found" },
      { detail: "Not Found" },
      { message: "no Route matched with those values", request_id: "1" },
      { error: "default backend - 404" },
      { statusCode: 404, message: "Resource not found" },
      { fault: { faultstring: "no route" } },
      { code: 5, message: "Method does not exist." },
      { title: "Blocked by proxy policy" },
      { status: 404, detail: "No endpoint GET /api/1.3/reports/1" },
      {},
      { message: "Missing Authentication Token" },
      { error: "Cannot GET /reports" },
      { message: "", padding: "x".repeat(65_536) },
    ])("is a wrong address when it is another's, as %j", (body) => {
      const error = read(body);
      expect(error).toMatchObject({ code: "upstream_wrong_address" });
      expect(error.message).toContain("check url");
    });
  });

  it("to the token call is a wrong address in any shape", () => {
    const answer = {
      status: 404,
      text: JSON.stringify(own("Not found")),
      traceId: undefined,
      hidden: {},
    };
    expect(toTrustarError("POST /oauth/token", answer, nowMs)).toMatchObject({
      code: "upstream_wrong_address",
    });
  });
});

describe("429", () => {
  it.each([
    [{ waitTime: 5_000 }, 5_000],
    [{ waitTime: 0 }, 0],
    [{ waitTime: 86_400_000 }, 86_400_000],
    [{}, 60_000],
    [{ waitTime: null }, 60_000],
    [{ waitTime: "5000" }, 60_000],
    [{ waitTime: -1 }, 60_000],
    ["<html>", 60_000],
  ])("%j holds for %i ms", (body, waitMs) => {
    const error = translate(429, body);
    expect(error).toBeInstanceOf(RateLimitedError);
    expect(error).toMatchObject({
      code: "upstream_rate_limited",
      retryable: true,
      retryAtMs: nowMs + waitMs,
    });
  });

  it.each([1e15, 9e15, 1e300, Number.MAX_SAFE_INTEGER])(
    "a waitTime of %d is a rate limit still, and ends within a day or so",
    (waitTime) => {
      const error = translate(429, { waitTime });
      expect(error).toBeInstanceOf(RateLimitedError);
      expect((error as RateLimitedError).retryAtMs).toBeLessThanOrEqual(nowMs + 2 * 86_400_000);
    },
  );
});

describe("what was asked for does not come back in the error", () => {
  it("as TruSTAR quotes it", () => {
    const error = translate(400, { message: "Unknown indicator: 203.0.113.7" }, ["203.0.113.7"]);
    expect(error).toBeInstanceOf(UpstreamError);
    expect(error.message).toContain("Unknown indicator: [value]");
    expect(error.message).not.toContain("203.0.113.7");
  });

  it("nor part of it when another value stands inside it", () => {
    const asked = ["evil.example", "http://evil.example/secret-path"];
    expect(translate(400, { message: `Unknown indicator: ${asked[1]!}` }, asked).message).not.toContain(
      "secret-path",
    );
  });

  it("nor in another case", () => {
    expect(translate(400, { message: "Unknown: EVIL.EXAMPLE" }, ["evil.example"]).message).not.toMatch(
      /evil\.example/i,
    );
  });

  it("nor cut in the middle of a long sentence", () => {
    const message = `${"x".repeat(295)}203.0.113.7`;
    expect(translate(400, { message }, ["203.0.113.7"]).message).not.toContain("203.0");
  });
});
