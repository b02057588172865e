import { SECOND_MS, type Clock } from "../../src/core/time.js";
import type { RunningLookup } from "./running-lookup.js";

/** So many artifacts within a second, or waiting at once, may be one analyst's; more are a burst. */
const handful = 8;

/**
 * Who may wait for the answer to a POST. A lone artifact should show its hits at once. In a burst nobody waits, not even
 * those who already do: the platform posts from a pool of threads, each with its next artifact once it has an answer,
 * and only artifacts that have arrived can share a call.
 */
export class WaitingRoom {
  readonly #clock: Clock;
  /** When the last few came, oldest first. */
  readonly #arrivedAtMs: number[] = [];
  readonly #waiting = new Set<{ readonly lookup: RunningLookup }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** Resolves when the look-up ends, `withinMs` is over, or too many others come. */
  async wait(lookup: RunningLookup, withinMs: number): Promise<void> {
    if (this.#isBurst()) {
      for (const waiting of this.#waiting) waiting.lookup.wake();
      return;
    }
    // Several may wait for one look-up.
    const waiting = { lookup };
    this.#waiting.add(waiting);
    await lookup.waitForEnd(withinMs);
    this.#waiting.delete(waiting);
  }

  #isBurst(): boolean {
    const nowMs = this.#clock.now();
    this.#arrivedAtMs.push(nowMs);
    const earlierMs = this.#arrivedAtMs.length > handful ? this.#arrivedAtMs.shift() : undefined;
    const cameQuickly = earlierMs !== undefined && Math.abs(nowMs - earlierMs) < SECOND_MS;
    return cameQuickly || this.#waiting.size >= handful;
  }
}
