/** How calls for few values are spread so that a budget lasts. */
export interface Pace {
  /** How long the next of them should wait, in milliseconds; 0 = it may go. */
  waitMs(): number;
  /** One is made. */
  noteSmallCall(): void;
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

/** A pace is asked for anew after so long: the budget may have been raised. */
const longestLookMs = 5_000;

/** How long a queue waits until it may leave as a batch that is not full. */
export class BatchWindow {
  readonly #options: BatchWindowOptions;
  #isRipe = false;
  #timer: NodeJS.Timeout | undefined;
  #heldMs = 0;
  #depthWhenHeld = 0;

  constructor(options: BatchWindowOptions) {
    this.#options = options;
  }

  /** The queue may leave although it is no full batch. */
  get isRipe(): boolean {
    return this.#isRipe;
  }

  noteArrival(): void {
    if (!this.#isRipe) this.#lookAgainIn(this.#options.windowMs);
  }

  /** For what is left in the queue; without any, there is nothing to wait for. */
  begin(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isRipe = false;
    this.#heldMs = 0;
    this.#depthWhenHeld = 0;
    if (this.#options.depth() > 0) this.#lookAgainIn(this.#options.windowMs);
  }

  #lookAgainIn(ms: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
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
    const paceMs = Math.min(patience.pace.waitMs(), longestLookMs);
    if (paceMs > 0) return paceMs;
    if (patience.isAwaited() || this.#heldMs >= patience.maxHoldMs()) return 0;
    const hasGrown = depth() > this.#depthWhenHeld;
    this.#depthWhenHeld = depth();
    return hasGrown || patience.expectsMore() ? patience.quietMs : 0;
  }
}
