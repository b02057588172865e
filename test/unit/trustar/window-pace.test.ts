import { SlidingWindow } from "../../../services/trustar/sliding-window.js";
import { WindowPace } from "../../../services/trustar/window-pace.js";

const windowMs = 60_000;
const stepMs = 50;

function build(limit = 60) {
  const minute = new SlidingWindow(limit, windowMs);
  const pace = new WindowPace(minute);
  const small = (nowMs: number): void => {
    minute.take(nowMs);
    pace.noteSmallCall(nowMs);
  };
  return { minute, pace, small };
}

/** A value every so often, and a call as soon as what waits is worth it. @returns when each was made */
function trickle(limit: number, everyMs: number, forMs: number): readonly number[] {
  const { minute, pace, small } = build(limit);
  const madeAtMs: number[] = [];
  let [waiting, waitedMs] = [0, 0];
  for (let nowMs = 0; nowMs < forMs; nowMs += stepMs) {
    waitedMs += waiting * stepMs;
    if (nowMs % everyMs === 0) waiting += 1;
    if (waiting === 0 || waitedMs < pace.priceMs(nowMs) || minute.freeAtMs(nowMs) > nowMs) continue;
    small(nowMs);
    madeAtMs.push(nowMs);
    [waiting, waitedMs] = [0, 0];
  }
  return madeAtMs;
}

it.each([100, 500, 1_000])(
  "a trickle, a value in %d ms, leaves part of the minute to others, and never stops",
  (everyMs) => {
    const madeAtMs = trickle(60, everyMs, 10 * windowMs);
    const gapsMs = madeAtMs.slice(1).map((atMs, before) => atMs - (madeAtMs[before] ?? 0));
    expect(Math.max(...gapsMs)).toBeLessThanOrEqual(8_000);
    const inMinute = madeAtMs.filter((atMs) => atMs >= 5 * windowMs && atMs < 6 * windowMs).length;
    expect(inMinute).toBeGreaterThan(15);
    expect(inMinute).toBeLessThanOrEqual(40);
  },
);

it.each([30, 5, 1])("with %d calls a minute it goes on, too", (limit) => {
  expect(trickle(limit, 1_000, 10 * windowMs).length).toBeGreaterThanOrEqual(4 * limit);
});

it("the first few of a minute cost next to nothing", () => {
  const { pace, small } = build();
  for (let call = 0; call < 10; call += 1) {
    expect(pace.priceMs(1_000)).toBeLessThan(50);
    small(1_000);
  }
});

it("full batches don't slow down the tail of their burst, but lone artifacts after it share what is left", () => {
  const { minute, pace, small } = build();
  for (let call = 0; call < 52; call += 1) minute.take(1_000);
  small(1_000);
  expect(pace.priceMs(1_000)).toBeLessThan(50);
  for (let call = 0; call < 4; call += 1) small(1_000);
  expect(pace.priceMs(1_000)).toBeGreaterThan(5_000);
});

it("with nothing left but what is kept for others no wait is worth a call", () => {
  const { minute, pace } = build();
  for (let call = 0; call < 57; call += 1) minute.take(0);
  expect([pace.priceMs(1_000), pace.priceMs(1_000, 3)]).toEqual([0, Number.POSITIVE_INFINITY]);
  expect(pace.priceMs(windowMs, 3)).toBe(0);
});
