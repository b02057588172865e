import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/core/time.js";
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

describe("the pace of calls for few values", () => {
  /** 12 hours before the reset most of the day's calls are spent. */
  function spent() {
    const { clock, day } = build();
    clock.advance(10 * DAY_MS);
    day.set({ maxRequests: 300, usedRequests: 200, resetAtMs: clock.now() + 12 * HOUR_MS });
    return { clock, day };
  }

  it("holds them back from each other, not because of what is repeated and of whole batches", () => {
    const { clock, day } = spent();
    day.noteSmallCall();
    expect(day.lookupPaceMs()).toBe(5 * MINUTE_MS);
    for (let minute = 0; minute < 5; minute += 1) {
      clock.advance(MINUTE_MS);
      day.count();
    }
    expect(day.lookupPaceMs()).toBe(0);
  });

  it("is no longer for a clock that is set back", () => {
    const { clock, day } = spent();
    day.noteSmallCall();
    clock.advance(-3 * HOUR_MS);
    expect(day.lookupPaceMs()).toBeLessThanOrEqual(5 * MINUTE_MS);
    clock.advance(5 * MINUTE_MS);
    expect(day.lookupPaceMs()).toBe(0);
  });
});
