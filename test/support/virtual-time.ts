import { setImmediate as settle } from "node:timers/promises";
import type { Clock } from "../../src/core/time.js";

interface Timer {
  atMs: number;
  readonly everyMs: number | undefined;
  readonly run: () => void;
}

/** Timers of the whole process that fire as fast as the machine can, each at its own time: days pass in seconds. */
export interface VirtualTime extends Clock, Disposable {
  /** Fires what is due until then, in order, with everything that follows from each. */
  runUntil(ms: number): Promise<void>;
}

/** Takes the place of setTimeout and setInterval until it is disposed of. */
export function startVirtualTime(startMs: number): VirtualTime {
  const real = { setTimeout, clearTimeout, setInterval, clearInterval };
  let nowMs = startMs;
  /** A binary heap, the next one first; those that were cleared stay until their time. */
  const heap: Timer[] = [];
  const cleared = new WeakSet<Timer>();
  const add = (run: () => void, ms: number, everyMs?: number): object => {
    const timer = { atMs: nowMs + Math.max(0, ms), everyMs, run };
    push(heap, timer);
    return Object.assign(timer, { ref: () => timer, unref: () => timer });
  };
  const clear = (timer: unknown): void => {
    if (typeof timer === "object" && timer !== null) cleared.add(timer as Timer);
  };
  Object.assign(globalThis, {
    setTimeout: (run: () => void, ms = 0) => add(run, ms),
    setInterval: (run: () => void, ms: number) => add(run, ms, ms),
    clearTimeout: clear,
    clearInterval: clear,
  });
  return {
    now: () => nowMs,
    runUntil: async (ms) => {
      for (let next = heap[0]; next !== undefined && next.atMs <= ms; next = heap[0]) {
        pop(heap);
        if (cleared.has(next)) continue;
        nowMs = next.atMs;
        next.run();
        await settle();
        if (next.everyMs === undefined || cleared.has(next)) continue;
        next.atMs += next.everyMs;
        push(heap, next);
      }
      nowMs = ms;
    },
    [Symbol.dispose]: () => Object.assign(globalThis, real),
  };
}

function push(heap: Timer[], timer: Timer): void {
  let at = heap.length;
  heap.push(timer);
  for (let parent = (at - 1) >> 1; at > 0; at = parent, parent = (at - 1) >> 1) {
    const above = heap[parent];
    if (above === undefined || above.atMs <= timer.atMs) break;
    heap[at] = above;
    heap[parent] = timer;
  }
}

function pop(heap: Timer[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    const [left, right] = [2 * at + 1, 2 * at + 2];
    const isRight = (heap[right]?.atMs ?? Infinity) < (heap[left]?.atMs ?? Infinity);
    const below = heap[isRight ? right : left];
    if (below === undefined || below.atMs >= last.atMs) break;
    heap[at] = below;
    at = isRight ? right : left;
  }
  heap[at] = last;
}
