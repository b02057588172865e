import { DAY_MS, HOUR_MS } from "../../../src/core/time.js";
import { DayQuota } from "../../../services/trustar/day-quota.js";
import { createFakeClock } from "../../support/fake-clock.js";

function build() {
  const clock = createFakeClock();
  const day = new DayQuota(clock);
  const tell = (usedRequests: number, countedBefore?: number): void => {
    day.set({ maxRequests: 10, usedRequests, resetAtMs: clock.now() + HOUR_MS }, countedBefore);
  };
  return { clock, day, tell };
}

it("when its day is over the next is taken to be alike until TruSTAR tells of it", () => {
  const { clock, day, tell } = build();
  tell(10);
  const resetAtMs = clock.now() + HOUR_MS;
  clock.advance(HOUR_MS - 1);
  expect([day.left(), day.isAssumed]).toEqual([0, false]);
  clock.advance(1);
  expect([day.left(), day.isAssumed]).toEqual([10, true]);
  day.count();
  expect(day.current()).toEqual({ maxRequests: 10, usedRequests: 1, resetAtMs: resetAtMs + DAY_MS });
  clock.advance(3 * DAY_MS);
  expect(day.current()).toEqual({ maxRequests: 10, usedRequests: 0, resetAtMs: resetAtMs + 4 * DAY_MS });
  tell(4);
  expect([day.left(), day.isAssumed]).toEqual([6, false]);
});

it("calls made while TruSTAR was asked are not in its answer: they are counted, once", () => {
  const { day, tell } = build();
  day.count();
  const asked = day.counted;
  day.count();
  day.count();
  tell(1, asked);
  expect(day.left()).toBe(7);
  tell(3);
  expect(day.left()).toBe(7);
});

it("is not known any more when TruSTAR tells of none, and a refusal still counts", () => {
  const { clock, day, tell } = build();
  tell(5);
  day.set(undefined);
  expect([day.current(), day.left()]).toEqual([undefined, undefined]);
  day.setSpentUntil(clock.now() + HOUR_MS);
  day.set(undefined);
  expect([day.left(), day.renewedAtMs("lookup")]).toEqual([0, clock.now() + HOUR_MS]);
});

it("tells of every change: a reading, a call, a refusal", () => {
  const { clock, day, tell } = build();
  const left: (number | undefined)[] = [];
  day.onChange(() => left.push(day.left()));
  tell(8);
  day.count();
  day.setSpentUntil(clock.now() + 1);
  expect(left).toEqual([2, 1, 0]);
});

describe("what a call for few values costs", () => {
  const resetAtMs = Date.UTC(2024, 0, 2);

  function day(used = 0, maxRequests = 300) {
    const { clock, day: quota } = build();
    quota.set({ maxRequests, usedRequests: used, resetAtMs });
    quota.lookupPriceMs();
    const spend = (calls: number): number => {
      for (let call = 0; call < calls; call += 1) quota.count();
      return quota.lookupPriceMs();
    };
    return { clock, quota, spend };
  }

  it("is nothing while no more is spent than planned, and a bit; then it grows, gently at first", () => {
    const { spend } = day();
    const prices = [27, 3, 30, 30, 60].map(spend);
    expect(prices[0]).toBe(0);
    expect(prices[1]).toBeLessThan(100);
    expect(prices[2]).toBeLessThan(30_000);
    expect(prices[4]).toBeGreaterThan(1_000_000);
    expect(prices).toEqual(prices.toSorted((one, other) => one - other));
  });

  it("is nothing for a trickle, and where nothing limits the day, and where nothing is left", () => {
    const { clock, spend } = day();
    for (let hour = 0; hour < 23; hour += 1) {
      clock.advance(HOUR_MS);
      expect(spend(8)).toBeLessThan(1);
    }
    expect(day(299).spend(1)).toBe(0);
    const { quota } = day();
    quota.set(undefined);
    for (let call = 0; call < 1_000; call += 1) quota.count();
    expect(quota.lookupPriceMs()).toBe(0);
  });

  it("is planned with what is left now: what was not used is not missing, what others spent is", () => {
    const { clock, quota, spend } = day();
    clock.advance(15 * HOUR_MS);
    expect([spend(27), spend(90) > 100_000]).toEqual([0, true]);
    const other = day();
    other.quota.set({ maxRequests: 300, usedRequests: 150, resetAtMs });
    expect(other.quota.lookupPriceMs()).toBeGreaterThan(1_000_000);
    quota.set({ maxRequests: 3_000, usedRequests: 97, resetAtMs });
    expect(quota.lookupPriceMs()).toBe(0);
  });

  it("leaves what is kept for analysts", () => {
    const alone = day();
    const beside = day();
    beside.quota.reserveForAnalysts();
    expect(beside.spend(150)).toBeGreaterThan(alone.spend(150));
  });

  /** Days with work from eight to ten, which spends half of the quota. @returns the price of a call at ten on the last */
  function priceAtTen(workOn: readonly boolean[]): number {
    const { clock, quota, spend } = day();
    let priceMs = 0;
    for (const isWorkingDay of workOn) {
      clock.advance(8 * HOUR_MS);
      for (let step = 0; step < 10; step += 1) {
        priceMs = spend(isWorkingDay ? 15 : 0);
        quota.noteValues(isWorkingDay ? 100 : 0);
        clock.advance(HOUR_MS / 5);
      }
      clock.advance(14 * HOUR_MS);
    }
    return priceMs;
  }

  it("follows the working day that was seen: what is spent in its hours is not missing afterwards", () => {
    expect(priceAtTen([true])).toBeGreaterThan(100_000);
    expect(priceAtTen([true, true])).toBe(0);
  });

  it("is not changed by a day on which nobody worked", () => {
    expect(priceAtTen([true, true, false, false, true])).toBe(0);
  });

  it("is the same for a clock that is set back", () => {
    const { clock, spend } = day();
    clock.advance(10 * HOUR_MS);
    const before = spend(90);
    clock.advance(-3 * HOUR_MS);
    expect(spend(0)).toBeLessThanOrEqual(before);
  });
});
