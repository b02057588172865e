import { describe, expect, test } from "@jest/globals";
import { RateLimitedError } from "../../../src/core/errors.js";
import { toNetworkError } from "../../../services/resilient/to-network-error.js";
import { toStatusError, type StatusAnswer } from "../../../services/resilient/to-status-error.js";

const answer = (over: Partial<StatusAnswer>): StatusAnswer => ({
  status: 400,
  body: "",
  retryAfter: undefined,
  ...over,
});
const say = (body: unknown): string =>
  toStatusError(answer({ body: typeof body === "string" ? body : JSON.stringify(body) }), "do it", 0).message;

describe("what Resilient says is quoted", () => {
  test("message and hints, on one line", () => {
    expect(say({ message: "Field  x\n is required.", hints: ["field_defs", "x"] })).toBe(
      "Resilient refused (HTTP 400) to do it: Field x is required. (field_defs, x)",
    );
    expect(say({ message: null, title: "Conflict", hints: null })).toMatch(/: Conflict$/);
  });

  test.each([["<html>Bad gateway</html>"], [""], ["[]"], [{ message: 7 }], [{ success: false }]])(
    "nothing of %j",
    (body) => {
      expect(say(body)).toBe("Resilient refused (HTTP 400) to do it");
    },
  );

  test("nothing of a page that is longer than any error", () => {
    expect(say({ message: `no ${"x ".repeat(40_000)}` })).toBe("Resilient refused (HTTP 400) to do it");
  });

  test("not without end", () => {
    expect(say({ message: "x".repeat(10_000) }).length).toBeLessThan(400);
  });
});

describe("429", () => {
  const retryAt = (retryAfter: string | undefined): number => {
    const error = toStatusError(answer({ status: 429, retryAfter }), "do it", 1_000_000);
    return error instanceof RateLimitedError ? error.retryAtMs - 1_000_000 : Number.NaN;
  };
  test.each([
    ["7", 7_000],
    ["Thu, 01 Jan 1970 00:16:50 GMT", 10_000],
    ["Thu, 01 Jan 1970 00:00:00 GMT", 0],
    ["9".repeat(400), 3_600_000],
    ["Fri, 31 Dec 9999 23:59:59 GMT", 3_600_000],
    ["soon", 1_000],
    [undefined, 1_000],
  ])("Retry-After %s", (header, ms) => {
    expect(retryAt(header)).toBe(ms);
  });
});

describe("network failures", () => {
  const failure = (message: string, facts: object = {}): Error => Object.assign(new Error(message), facts);

  test("say where and why, and keep nothing of the request", () => {
    const cause = failure("", {
      code: "ECONNRESET",
      config: { headers: { Authorization: "Basic c2VjcmV0" } },
    });
    const error = toNetworkError(cause, "read incident 7", "soar.example:443");
    expect(error.message).toBe(
      "Could not read incident 7: Resilient at soar.example:443: the connection was cut (ECONNRESET)",
    );
    expect(error.cause).toMatchObject({ code: "ECONNRESET" });
    expect(error.cause).not.toHaveProperty("config");
  });

  test("a code may sit below: in the cause, or in the first of several attempts", () => {
    const below = failure("connect ECONNREFUSED ::1:443", { code: "ECONNREFUSED", syscall: "connect" });
    expect(toNetworkError(failure("wrapped", { cause: below }), "x", "y").message).toMatch(
      /nothing listens at that address/,
    );
    const several = new AggregateError([below, failure("other")]);
    expect(toNetworkError(several, "x", "y").cause).toMatchObject({
      code: "ECONNREFUSED",
      syscall: "connect",
    });
  });

  test("what is no error at all is still one of ours", () => {
    expect(toNetworkError("oops", "x", "y")).toMatchObject({ code: "upstream_unreachable" });
  });
});
