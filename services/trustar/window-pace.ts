import { callPriceMs } from "./quota-plan.js";
import { SlidingWindow } from "./sliding-window.js";

/** How dear a call is, in even shares of the window: with this a trickle leaves about half of it to others. */
const dearness = 4;
/** A wait ends within the minute: what is spent early is soon there again, but others may need it before. */
const freeShare = 0.2;

/**
 * How calls for few values are spread over one of TruSTAR's windows. A trickle of artifacts would else spend it one value
 * at a time, and then everybody waits for the rest of it.
 */
export class WindowPace {
  /** All calls, small or not. */
  readonly window: SlidingWindow;
  readonly #smallCalls: SlidingWindow;

  constructor(window: SlidingWindow) {
    this.window = window;
    this.#smallCalls = new SlidingWindow(Number.MAX_SAFE_INTEGER, window.windowMs);
  }

  noteSmallCall(nowMs: number): void {
    this.#smallCalls.take(nowMs);
  }

  /**
   * What the next small call costs in time that values wait for it. The plan is that as many are left as full batches
   * have left.
   * @param kept calls of the window that are left to others
   */
  priceMs(nowMs: number, kept = 0): number {
    const { limit, windowMs } = this.window;
    const left = this.window.left(nowMs) - kept;
    if (left <= 0) return Number.POSITIVE_INFINITY;
    return callPriceMs((dearness * windowMs) / limit, left + this.#smallCalls.taken(nowMs), left, freeShare);
  }
}
