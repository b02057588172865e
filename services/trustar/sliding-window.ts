/** "At most `limit` calls in any `windowMs`", counted from the moment each call was let go. */
export class SlidingWindow {
  #limit: number;
  readonly #windowMs: number;
  /** Times of the calls inside the window, oldest first: never more than `limit` numbers. */
  readonly #takenAtMs: number[] = [];

  constructor(limit: number, windowMs: number) {
    this.#limit = limit;
    this.#windowMs = windowMs;
  }

  /** When the next call may go: `nowMs` or later. */
  freeAtMs(nowMs: number): number {
    this.#forget(nowMs);
    if (this.#takenAtMs.length < this.#limit) return nowMs;
    return (this.#takenAtMs[this.#takenAtMs.length - this.#limit] ?? nowMs) + this.#windowMs;
  }

  take(nowMs: number): void {
    this.#takenAtMs.push(nowMs);
  }

  lowerTo(limit: number): void {
    this.#limit = Math.min(this.#limit, limit);
  }

  #forget(nowMs: number): void {
    // A clock that was set back: calls of "the future" were made just now, and must not block for the difference.
    for (let at = this.#takenAtMs.length - 1; at >= 0 && (this.#takenAtMs[at] ?? 0) > nowMs; at -= 1) {
      this.#takenAtMs[at] = nowMs;
    }
    let gone = 0;
    for (const takenAtMs of this.#takenAtMs) {
      if (takenAtMs + this.#windowMs > nowMs) break;
      gone += 1;
    }
    if (gone > 0) this.#takenAtMs.splice(0, gone);
  }
}
