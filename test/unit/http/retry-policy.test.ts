import { getEventListeners } from "node:events";
import { jest } from "@jest/globals";
import { RateLimitedError, UpstreamError } from "../../../src/core/errors.js";
import { outlastOutage, withRetry, type RetryPolicy } from "../../../services/http/retry-policy.js";
import { never } from "../../support/lookup-fixtures.js";

const policy: RetryPolicy = { retries: 3, minTimeout: 100, maxTimeout: 1_000, randomize: false };
const outage = new UpstreamError("upstream_failed", "503");

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

function failing(...errors: readonly Error[]) {
  const left = [...errors];
  let calls = 0;
  return {
    work: () => {
      calls += 1;
      const error = left.shift();
      return error === undefined ? Promise.resolve("done") : Promise.reject(error);
    },
    calls: () => calls,
  };
}

it("asks again after what can pass, and tells of each time", async () => {
  const { work, calls } = failing(outage, new RateLimitedError("upstream_rate_limited", "429", 0));
  const told: string[] = [];
  const result = withRetry(work, { policy, signal: never(), onRetry: (error) => told.push(error.message) });
  await jest.advanceTimersByTimeAsync(300);
  expect(await result).toBe("done");
  expect([calls(), told]).toEqual([3, ["503", "429"]]);
});

it.each([
  new UpstreamError("upstream_rejected", "400"),
  new TypeError("a bug of ours"),
  new Error("foreign"),
])("does not ask again after %s", async (error) => {
  const { work, calls } = failing(error);
  await expect(withRetry(work, { policy, signal: never() })).rejects.toBe(error);
  expect(calls()).toBe(1);
});

it("gives up with the last error when the policy ends", async () => {
  const { work, calls } = failing(...Array.from({ length: 10 }, () => outage));
  const told: number[] = [];
  const onRetry = (_error: Error, attempt: number): void => void told.push(attempt);
  const result = expect(withRetry(work, { policy, signal: never(), onRetry })).rejects.toBe(outage);
  await jest.advanceTimersByTimeAsync(5_000);
  await result;
  expect([calls(), told]).toEqual([4, [1, 2, 3]]);
});

it("leaves it to a caller who knows better whether asking again helps", async () => {
  const refused = new UpstreamError("upstream_rejected", "409");
  const { work, calls } = failing(refused, outage);
  const mayRepeat = (error: Error): boolean => error === refused;
  const result = expect(withRetry(work, { policy, signal: never(), mayRepeat })).rejects.toBe(outage);
  await jest.advanceTimersByTimeAsync(200);
  await result;
  expect(calls()).toBe(2);
});

it("ends when all attempts together have taken long enough", async () => {
  const { work, calls } = failing(...Array.from({ length: 10 }, () => outage));
  const result = expect(
    withRetry(work, { policy: { ...policy, maxRetryTime: 150 }, signal: never() }),
  ).rejects.toBe(outage);
  await jest.advanceTimersByTimeAsync(5_000);
  await result;
  expect(calls()).toBe(3); // at 0, 100 and, cut short, 150 ms
});

it("ends with its signal in the middle of a wait, and leaves neither timer nor listener", async () => {
  const { work, calls } = failing(outage, outage);
  const controller = new AbortController();
  const result = expect(withRetry(work, { policy, signal: controller.signal })).rejects.toThrow("left");
  await jest.advanceTimersByTimeAsync(50);
  controller.abort(new Error("left"));
  await result;
  expect(calls()).toBe(1);
  expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
});

it("outlasts an outage of a day, at no more than a call a minute in the end, and ends with its signal", async () => {
  const times: number[] = [];
  const controller = new AbortController();
  const result = withRetry(
    () => {
      times.push(Date.now());
      return Promise.reject(outage);
    },
    { policy: outlastOutage, signal: controller.signal },
  ).catch((error: unknown) => error);
  await jest.advanceTimersByTimeAsync(24 * 3_600_000);
  const gapsMs = times.slice(1).map((at, index) => at - times[index]!);
  expect(times.length).toBeGreaterThan(1_430);
  expect(gapsMs[0]).toBeLessThanOrEqual(2_000);
  expect(gapsMs.slice(10).every((gapMs) => gapMs === 60_000)).toBe(true);
  const reason = new Error("nobody waits any more");
  controller.abort(reason);
  expect(await result).toBe(reason);
});
