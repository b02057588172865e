import { jest } from "@jest/globals";
import { RateLimitedError, UpstreamError } from "../../../src/core/errors.js";
import { HOUR_MS, MINUTE_MS, SECOND_MS, systemClock } from "../../../src/core/time.js";
import { DayQuota } from "../../../services/trustar/day-quota.js";
import { QuotaReader } from "../../../services/trustar/quota-reader.js";
import { createLogCapture } from "../../support/log-capture.js";

beforeEach(() => {
  jest.useFakeTimers({ now: Date.UTC(2024, 0, 1) });
});
afterEach(() => {
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

const outage = new UpstreamError("upstream_failed", "down");

/** `answers` in their order, the last one for ever: calls left, or why it could not be read. */
function build(...answers: readonly (number | Error)[]) {
  const quota = new DayQuota(systemClock);
  const capture = createLogCapture();
  const readAtMs: number[] = [];
  const startMs = Date.now();
  const read = (): Promise<void> => {
    const answer = answers[Math.min(readAtMs.length, answers.length - 1)] ?? 0;
    readAtMs.push(Date.now() - startMs);
    if (typeof answer !== "number") return Promise.reject(answer);
    quota.set({ maxRequests: 100, usedRequests: 100 - answer, resetAtMs: startMs + HOUR_MS });
    return Promise.resolve();
  };
  const reader = new QuotaReader({ read, quota, clock: systemClock, log: capture.log });
  return { quota, reader, readAtMs, capture };
}

it("reads at once, once for many who ask, then every ten minutes without anybody", async () => {
  const { reader, readAtMs } = build(50);
  for (let call = 0; call < 5; call += 1) reader.keepFresh();
  expect(readAtMs).toEqual([0]);
  await jest.advanceTimersByTimeAsync(30 * MINUTE_MS);
  reader.close();
  expect(readAtMs).toEqual([0, 10, 20, 30].map((minutes) => minutes * MINUTE_MS));
});

it("does nothing until somebody asks, and nothing when it is closed", async () => {
  const { reader, readAtMs } = build(50);
  await jest.advanceTimersByTimeAsync(HOUR_MS);
  reader.close();
  reader.keepFresh();
  expect(readAtMs).toEqual([]);
});

it("while it is spent reads every minute: it may be raised", async () => {
  const { quota, reader, readAtMs } = build(1, 0, 0, 900);
  reader.keepFresh();
  await jest.advanceTimersByTimeAsync(5 * MINUTE_MS);
  quota.count();
  await jest.advanceTimersByTimeAsync(15 * SECOND_MS);
  expect(readAtMs).toHaveLength(2);
  await jest.advanceTimersByTimeAsync(2 * MINUTE_MS);
  expect(readAtMs).toHaveLength(4);
  await jest.advanceTimersByTimeAsync(9 * MINUTE_MS);
  reader.close();
  expect(readAtMs).toHaveLength(4);
});

it("reads when the day is over, and when TruSTAR refuses what should be left", async () => {
  const { quota, reader, readAtMs } = build(50);
  jest.setSystemTime(Date.now() + HOUR_MS - 5 * MINUTE_MS);
  reader.keepFresh();
  await jest.advanceTimersByTimeAsync(5 * MINUTE_MS - 1);
  expect(readAtMs).toHaveLength(1);
  await jest.advanceTimersByTimeAsync(15 * SECOND_MS);
  expect(readAtMs).toHaveLength(2);
  quota.setSpentUntil(Date.now() + HOUR_MS);
  await jest.advanceTimersByTimeAsync(MINUTE_MS);
  reader.close();
  expect(readAtMs).toHaveLength(3);
});

it("a failure is tried again after a minute, and one warning tells of all in a row", async () => {
  const { reader, readAtMs, capture } = build(outage, outage, 50, outage);
  reader.keepFresh();
  await jest.advanceTimersByTimeAsync(2 * MINUTE_MS);
  expect(readAtMs).toEqual([0, MINUTE_MS, 2 * MINUTE_MS]);
  expect(capture.lines()).toMatchObject([{ level: 40, msg: "the TruSTAR quota could not be read" }]);
  await jest.advanceTimersByTimeAsync(20 * MINUTE_MS);
  reader.close();
  expect(capture.lines()).toHaveLength(2);
});

it("what is no quota is read again in ten minutes, and so is what TruSTAR limits", async () => {
  const odd = new UpstreamError("upstream_invalid_answer", "odd");
  const limited = new RateLimitedError("upstream_rate_limited", "wait", 0);
  const { reader, readAtMs, capture } = build(odd, limited);
  reader.keepFresh();
  await jest.advanceTimersByTimeAsync(25 * MINUTE_MS);
  reader.close();
  expect(readAtMs).toEqual([0, 10 * MINUTE_MS, 20 * MINUTE_MS]);
  expect(capture.lines()).toHaveLength(1);
});

it("refused credentials are not tried again by themselves", async () => {
  const { reader, readAtMs } = build(new UpstreamError("upstream_unauthorized", "wrong key"));
  reader.keepFresh();
  await jest.advanceTimersByTimeAsync(HOUR_MS);
  expect(readAtMs).toHaveLength(1);
  reader.keepFresh();
  await jest.advanceTimersByTimeAsync(0);
  expect(readAtMs).toHaveLength(2);
  reader.close();
});

it("a clock that is set back does not put it off", async () => {
  const { reader, readAtMs } = build(50);
  reader.keepFresh();
  await jest.advanceTimersByTimeAsync(1);
  jest.setSystemTime(Date.now() - HOUR_MS);
  await jest.advanceTimersByTimeAsync(MINUTE_MS);
  reader.close();
  expect(readAtMs).toHaveLength(2);
});
