/** "At most `limit` calls in any `windowMs`", counted from the moment each call was let go. */
export class SlidingWindow {
  #limit: number;
  readonly windowMs: number;
  /** Times of the calls inside the window, oldest first. */
  readonly #takenAtMs: number[] = [];

  constructor(limit: number, windowMs: number) {
    this.#limit = limit;
    this.windowMs = windowMs;
  }

  get limit(): number {
    return this.#limit;
  }

  /** When the next call may go that leaves `kept` to others: `nowMs` or later. */
  freeAtMs(nowMs: number, kept = 0): number {
    this.#forget(nowMs);
    const limit = this.#limit - kept;
    if (this.#takenAtMs.length < limit) return nowMs;
    return (this.#takenAtMs[this.#takenAtMs.length - limit] ?? nowMs) + this.windowMs;
  }

  take(nowMs: number): void {
    this.#forget(nowMs);
    this.#takenAtMs.push(nowMs);
  }

  /** How long until `calls` more have gone, each as soon as it may and leaves `kept` to others. */
  freeAfterMs(calls: number, nowMs: number, kept = 0): number {
    if (calls <= 0) return 0;
    const limit = this.#limit - kept;
    const left = this.left(nowMs) - kept;
    const tooMany = calls - left;
    if (tooMany <= 0) return 0;
    // Others have taken what is kept for them: as many calls make room for nobody.
    const surplus = Math.max(0, -left);
    // Each of the rest makes room for another after a window: those inside it now, then those that go now, and so on.
    const before = tooMany - 1 - surplus;
    const rounds = Math.floor(before / limit);
    const madeAtMs = this.#takenAtMs[surplus + (before % limit)] ?? nowMs;
    return (rounds + 1) * this.windowMs + madeAtMs - nowMs;
  }

  /** Calls inside the window. */
  taken(nowMs: number): number {
    this.#forget(nowMs);
    return this.#takenAtMs.length;
  }

  left(nowMs: number): number {
    this.#forget(nowMs);
    return this.#limit - this.#takenAtMs.length;
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
      if (takenAtMs + this.windowMs > nowMs) break;
      gone += 1;
    }
    if (gone > 0) this.#takenAtMs.splice(0, gone);
  }
}
