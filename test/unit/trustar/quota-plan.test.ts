import { SlidingWindow } from "../../../services/trustar/sliding-window.js";
import {
  callPriceMs,
  reservedCalls,
  runsOutAtMs,
  UsualDay,
  type DailyQuota,
} from "../../../services/trustar/quota-plan.js";
import { DAY_MS, HOUR_MS } from "../../../src/core/time.js";

const resetAtMs = 20_000 * DAY_MS;
const atHour = (hour: number): number => resetAtMs - DAY_MS + hour * HOUR_MS;
const quota = (usedRequests: number, maxRequests = 300): DailyQuota => ({
  maxRequests,
  usedRequests,
  resetAtMs,
});

it("a tenth is kept for analysts at the start of the day, less as it goes by, nothing at its end", () => {
  expect([0, 12, 24].map((hour) => reservedCalls(quota(0), atHour(hour)))).toEqual([30, 15, 0]);
});

it("a call costs nothing while about as much is left as planned, and the more the less is left", () => {
  const prices = [250, 200, 182, 150, 100, 50].map((left) => Math.round(callPriceMs(1_000, 200, left, 0.2)));
  expect(prices).toEqual([0, 0, 0, 2, 512, 21_952]);
});

describe("when the quota runs out", () => {
  it("follows the last hour, or the day when that was worse", () => {
    expect(runsOutAtMs(quota(100), 100, atHour(6))).toBe(atHour(8));
    expect(runsOutAtMs(quota(200), 0, atHour(10))).toBe(atHour(15));
    expect(runsOutAtMs(quota(100), 4, atHour(12))).toBeUndefined();
    expect(runsOutAtMs(quota(300), 0, atHour(12))).toBe(atHour(12));
    expect(runsOutAtMs(quota(0), 0, atHour(0))).toBeUndefined();
  });
});

it("the wait for many calls is what the window needs to let them through, one window after the other", () => {
  const window = new SlidingWindow(3, 1_000);
  expect([0, 3].map((calls) => window.freeAfterMs(calls, 0))).toEqual([0, 0]);
  window.take(0);
  window.take(100);
  expect([1, 2, 3, 4, 5, 7].map((calls) => window.freeAfterMs(calls, 200))).toEqual([
    0, 800, 900, 1_000, 1_800, 2_000,
  ]);
});

it("a reset that was told of once, and is a day too late, does not stop the day from going by", () => {
  const day = new UsualDay();
  expect(day.shareLeft(atHour(6), resetAtMs + DAY_MS)).toBe(1);
  expect(day.shareLeft(atHour(6), resetAtMs)).toBeCloseTo(0.75);
  expect(day.shareLeft(atHour(18), resetAtMs)).toBeCloseTo(0.25);
});
