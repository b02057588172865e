import { SECOND_MS } from "../../src/core/time.js";

/** How calls for few values are held back so that a budget lasts. */
export interface Pace {
  /**
   * How long the values of a call must have waited, all of them together, in milliseconds, before it is worth what it
   * costs; 0 = it may go. A full batch is worth its call at any time.
   */
  priceMs(): number;
  /** How long ago a look-up was accepted, in milliseconds. */
  ageMs(acceptedAtMs: number): number;
  /** No look-up is held that is older, whatever a call costs, in milliseconds. */
  readonly longestHoldMs: number;
  /** A call is made. */
  noteCall(values: number, isFull: boolean): void;
}

/** A batch that nobody waits for is held back until it is full or no more values come. */
export interface Patience {
  /** Somebody waits for an answer right now: then a batch leaves at the end of its window. */
  readonly isAwaited: () => boolean;
  readonly pace: Pace;
  /** More values are known to be on their way. */
  readonly expectsMore: () => boolean;
  /** Without a new value for so long, no more are taken to come. */
  readonly quietMs: number;
  readonly maxHoldMs: () => number;
}

export interface BatchWindowOptions {
  /** How long the first value of a batch waits for company. */
  readonly windowMs: number;
  /** When batches may wait for more than their window; never when absent. */
  readonly patience: Patience | undefined;
  /** Values that wait. */
  readonly depth: () => number;
  /** The wait is over. */
  readonly onRipe: () => void;
}

/** The price is asked for anew after so long: more values may have come, and the budget may have been raised. */
const longestLookMs = SECOND_MS;

/** How long a queue waits until it may leave as a batch that is not full. */
export class BatchWindow {
  readonly #options: BatchWindowOptions;
  #isRipe = false;
  #timer: NodeJS.Timeout | undefined;
  #heldMs = 0;
  #depthWhenHeld = 0;
  /** How long the values have waited, all of them together. */
  #waitedMs = 0;
  /** The age of the oldest look-up that waits. */
  #oldestMs = 0;

  constructor(options: BatchWindowOptions) {
    this.#options = options;
  }

  /** The queue may leave although it is no full batch. */
  get isRipe(): boolean {
    return this.#isRipe;
  }

  /** How long the queue will be held so that a budget lasts, if no more values come. */
  get heldForMs(): number {
    const { patience, depth } = this.#options;
    const priceMs = this.#isRipe || depth() === 0 ? 0 : (patience?.pace.priceMs() ?? 0);
    // A window of TruSTAR's that is spent has a time of its own.
    return priceMs === Number.POSITIVE_INFINITY ? 0 : this.#unpaidMs(priceMs);
  }

  noteArrival(acceptedAtMs: number | undefined): void {
    const { patience } = this.#options;
    if (patience !== undefined && acceptedAtMs !== undefined) {
      this.#oldestMs = Math.max(this.#oldestMs, patience.pace.ageMs(acceptedAtMs));
    }
    if (!this.#isRipe) this.#lookAgainIn(this.#options.windowMs);
  }

  /** For what is left in the queue; without any, there is nothing to wait for. */
  begin(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isRipe = false;
    this.#heldMs = 0;
    this.#depthWhenHeld = 0;
    this.#waitedMs = 0;
    // What stays may be as old: nothing is held for too long, however often others leave before it.
    if (this.#options.depth() === 0) this.#oldestMs = 0;
    if (this.#options.depth() > 0) this.#lookAgainIn(this.#options.windowMs);
  }

  #lookAgainIn(ms: number): void {
    const waiting = this.#options.depth();
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#waitedMs += waiting * ms;
      this.#oldestMs += ms;
      const heldForMs = this.#holdBackMs();
      if (heldForMs === 0) {
        this.#isRipe = true;
        this.#options.onRipe();
      } else {
        this.#heldMs += heldForMs;
        this.#lookAgainIn(heldForMs);
      }
    }, ms);
  }

  /** How long the queue should wait for more; 0 = no longer. */
  #holdBackMs(): number {
    const { patience, depth } = this.#options;
    if (patience === undefined) return 0;
    const unpaidMs = this.#unpaidMs(patience.pace.priceMs());
    if (unpaidMs > 0) return Math.min(Math.ceil(unpaidMs), longestLookMs);
    if (patience.isAwaited() || this.#heldMs >= patience.maxHoldMs()) return 0;
    const hasGrown = depth() > this.#depthWhenHeld;
    this.#depthWhenHeld = depth();
    return hasGrown || patience.expectsMore() ? patience.quietMs : 0;
  }

  /** How long the values that are here have to wait until they have paid for a call. */
  #unpaidMs(priceMs: number): number {
    const { patience, depth } = this.#options;
    if (priceMs === 0 || patience === undefined) return 0;
    const mayWaitMs = patience.pace.longestHoldMs - this.#oldestMs;
    return Math.max(0, Math.min((priceMs - this.#waitedMs) / depth(), mayWaitMs));
  }
}
