import { describe, expect, test } from "@jest/globals";
import { RateLimitedError, UpstreamError, type UpstreamErrorCode } from "../../../src/core/errors.js";
import { resend, resendRule, type ResendRule } from "../../../services/resilient/resend.js";
import { immediate } from "../../support/resilient-fixture.js";

const limited = (retryAtMs: number): RateLimitedError =>
  new RateLimitedError("upstream_rate_limited", "wait", retryAtMs);
const status = (code: UpstreamErrorCode, value: number): UpstreamError =>
  new UpstreamError(code, "x", { status: value });
const network = (facts: object): UpstreamError =>
  new UpstreamError("upstream_unreachable", "x", {}, { cause: Object.assign(new Error("below"), facts) });

describe("whether a request may be sent again", () => {
  const cases: readonly (readonly [string, unknown, ResendRule])[] = [
    ["429", limited(0), "any"],
    ["503", status("upstream_failed", 503), "any"],
    ["connection refused", network({ code: "ECONNREFUSED" }), "any"],
    ["unknown host", network({ code: "ENOTFOUND", syscall: "getaddrinfo" }), "any"],
    ["time-out while connecting", network({ code: "ETIMEDOUT", syscall: "connect" }), "any"],
    ["time-out afterwards", network({ code: "ETIMEDOUT", syscall: "read" }), "repeatable"],
    ["reset", network({ code: "ECONNRESET" }), "repeatable"],
    ["500", status("upstream_failed", 500), "repeatable"],
    ["502", status("upstream_failed", 502), "repeatable"],
    ["our time-out", new UpstreamError("upstream_timeout", "x"), "repeatable"],
    ["wrong certificate", network({ code: "CERT_HAS_EXPIRED", untrusted: true }), "never"],
    ["closed client", new UpstreamError("upstream_unreachable", "closed"), "never"],
    ["400", status("upstream_rejected", 400), "never"],
    ["401", status("upstream_unauthorized", 401), "never"],
    ["404", status("upstream_not_found", 404), "never"],
    ["409", status("upstream_rejected", 409), "never"],
    ["not JSON", new UpstreamError("upstream_invalid_answer", "x"), "never"],
    ["a bug of ours", new TypeError("x is not a function"), "never"],
    ["no error at all", "oops", "never"],
  ];
  test.each(cases)("%s", (_name, error, rule) => {
    expect(resendRule(error)).toBe(rule);
  });
});

describe("attempts", () => {
  const run = async (error: Error, repeatable: boolean, nowMs = 0): Promise<number> => {
    let attempts = 0;
    const signal = new AbortController().signal;
    const told: number[] = [];
    const work = resend(
      () => {
        attempts += 1;
        return Promise.reject(error);
      },
      { patience: immediate, repeatable, signal, now: () => nowMs, onRetry: (_error, n) => told.push(n) },
    );
    await expect(work).rejects.toBe(error);
    expect(told).toEqual([1, 2, 3, 4].slice(0, attempts - 1));
    return attempts;
  };

  test("five, when the failure allows it", async () => {
    expect(await run(status("upstream_failed", 500), true)).toBe(5);
    expect(await run(network({ code: "ECONNREFUSED" }), false)).toBe(5);
  });

  test("one, when it does not", async () => {
    expect(await run(status("upstream_failed", 500), false)).toBe(1);
    expect(await run(network({ code: "ECONNRESET" }), false)).toBe(1);
    expect(await run(status("upstream_rejected", 400), true)).toBe(1);
  });

  test("one, when the server wants more patience than we have", async () => {
    expect(await run(limited(immediate.maxHoldMs + 1), true)).toBe(1);
    expect(await run(limited(immediate.maxHoldMs + 1), true, 1)).toBe(5);
  });
});
