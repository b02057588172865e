import { SlidingWindow } from "../../../services/trustar/sliding-window.js";
import { paceMs, reservedCalls, runsOutAtMs, type DailyQuota } from "../../../services/trustar/quota-plan.js";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/core/time.js";

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

describe("the pace of calls for few values", () => {
  it.each([
    ["a fresh day", 0, 0],
    ["a fifth spent ahead", 53, 0],
    ["noon, half spent", 150, 12],
    ["the last minute", 299, 23.99],
    ["a day whose quota is spent: it is refused, not delayed", 300, 12],
  ])("is none on %s", (_name, used, hour) => {
    const now = atHour(hour);
    expect(paceMs(quota(used), reservedCalls(quota(used), now), now, now)).toBe(0);
  });

  it("spreads what is left over the rest of the day, a call in five minutes at least", () => {
    const now = atHour(18);
    expect(paceMs(quota(150), 0, now, now)).toBe(0);
    expect(paceMs(quota(250), 0, now, now)).toBe(5 * MINUTE_MS);
    expect(paceMs(quota(3_000, 4_000), 0, now, now)).toBe(0);
    expect(paceMs(quota(3_280, 4_000), 0, now, now)).toBe((6 * HOUR_MS) / 720);
    expect(paceMs(quota(250), 0, now - 4 * MINUTE_MS, now)).toBe(MINUTE_MS);
    expect(paceMs(quota(250), 0, now - HOUR_MS, now)).toBe(0);
  });

  it("lets a call a minute for a whole day stay within the quota until the cap of five minutes bites", () => {
    let [used, lastMs] = [0, 0];
    for (let now = atHour(0); now < resetAtMs; now += MINUTE_MS) {
      const reserved = reservedCalls(quota(used), now);
      if (used + reserved >= 300 || paceMs(quota(used), reserved, lastMs, now) > 0) continue;
      used += 1;
      lastMs = now;
    }
    expect(used).toBeGreaterThan(250);
    expect(used).toBeLessThanOrEqual(300);
  });
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
