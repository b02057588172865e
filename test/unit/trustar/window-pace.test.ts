import { WindowPace } from "../../../services/trustar/window-pace.js";
import { SlidingWindow } from "../../../services/trustar/sliding-window.js";

const windowMs = 60_000;

function build(limit = 60) {
  const minute = new SlidingWindow(limit, windowMs);
  const pace = new WindowPace(minute);
  const small = (nowMs: number): void => {
    minute.take(nowMs);
    pace.noteSmallCall(nowMs);
  };
  return { minute, pace, small };
}

/** A call as soon as the pace and the window allow, for so long. @returns when each was made */
function trickle(limit: number, forMs: number): readonly number[] {
  const { minute, pace, small } = build(limit);
  const madeAtMs: number[] = [];
  for (let nowMs = 0; nowMs < forMs; nowMs += 100) {
    if (pace.waitMs(nowMs) > 0 || minute.freeAtMs(nowMs) > nowMs) continue;
    small(nowMs);
    madeAtMs.push(nowMs);
  }
  return madeAtMs;
}

it.each([60, 30, 5, 1])("a trickle never waits long for its next call, with %d calls a minute", (limit) => {
  const madeAtMs = trickle(limit, 10 * windowMs);
  const gapsMs = madeAtMs.slice(1).map((atMs, before) => atMs - (madeAtMs[before] ?? 0));
  expect(Math.max(...gapsMs)).toBeLessThanOrEqual((2 * windowMs) / limit + 100);
});

it("the first few of a minute go at once, then as many as leave half of the minute's calls to others", () => {
  const madeAtMs = trickle(60, 2 * windowMs);
  expect(madeAtMs.filter((atMs) => atMs < 2_000)).toHaveLength(11);
  expect(madeAtMs.filter((atMs) => atMs >= windowMs)).toHaveLength(30);
});

it("full batches don't slow down the tail of their burst, but lone artifacts after it share what is left", () => {
  const { minute, pace, small } = build();
  for (let call = 0; call < 52; call += 1) minute.take(1_000);
  small(1_000);
  small(1_000);
  expect(pace.waitMs(1_000)).toBe(0);
  small(1_000);
  expect(pace.waitMs(1_000)).toBe(windowMs / 5);
});

it("with nothing left it waits for the first call that is free again", () => {
  const { pace, small } = build();
  for (let call = 0; call < 60; call += 1) small(call * 10);
  expect(pace.waitMs(1_000)).toBe(windowMs - 1_000);
});

it("a clock that is set back makes the wait no longer", () => {
  const { pace, small } = build();
  for (let call = 0; call < 20; call += 1) small(3_600_000);
  expect(pace.waitMs(0)).toBeLessThanOrEqual(2_000);
});
