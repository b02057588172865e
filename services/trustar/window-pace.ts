import { SlidingWindow } from "./sliding-window.js";

/** The tail of a burst, and a few lone artifacts besides, need no plan. */
const tailCalls = 2;
/** A trickle that has made more than this share of the window's calls goes on with half of them. */
const freeShare = 1 / 6;
const trickleShare = 1 / 2;

/**
 * How calls for few values are spread over one of TruSTAR's windows. A trickle of artifacts would else spend it one value at
 * a time, and then everybody waits for the rest of it. A full batch is worth its call at any time.
 */
export class WindowPace {
  /** All calls, small or not. */
  readonly window: SlidingWindow;
  readonly #smallCalls: SlidingWindow;
  #lastAtMs = 0;

  constructor(window: SlidingWindow) {
    this.window = window;
    this.#smallCalls = new SlidingWindow(Number.MAX_SAFE_INTEGER, window.windowMs);
  }

  noteSmallCall(nowMs: number): void {
    this.#smallCalls.take(nowMs);
    this.#lastAtMs = nowMs;
  }

  /**
   * How long the next small call should wait for more values, in milliseconds.
   * @param kept calls of the window that are left to others
   */
  waitMs(nowMs: number, kept = 0): number {
    const small = this.#smallCalls.taken(nowMs);
    if (small <= tailCalls) return 0;
    const { limit, windowMs } = this.window;
    const left = this.window.left(nowMs) - kept;
    if (left <= 0) return this.window.freeAfterMs(1, nowMs, kept);
    const trickleMs = small > limit * freeShare ? windowMs / (limit * trickleShare) : 0;
    // What is left has to last until half of the calls are free again.
    const lastingMs = this.window.freeAfterMs(Math.ceil(limit / 2), nowMs, kept) / left;
    // A clock that was set back does not make the wait longer.
    this.#lastAtMs = Math.min(this.#lastAtMs, nowMs);
    return Math.max(0, this.#lastAtMs + Math.max(trickleMs, lastingMs) - nowMs);
  }
}
