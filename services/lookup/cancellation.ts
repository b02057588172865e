/** As much of an AbortSignal as a question needs that waits for its answer. */
export interface Cancellation {
  readonly aborted: boolean;
  readonly reason: unknown;
  /** When the look-up was accepted that asks, in milliseconds since the epoch; absent = now. */
  readonly acceptedAtMs?: number | undefined;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/**
 * Cancels one look-up. Fifty thousand may be under way, and an AbortController with its signal and a listener takes
 * more memory than all the rest of a look-up: one is only made for calls that want it.
 */
export class Canceller implements Cancellation {
  readonly acceptedAtMs: number | undefined;
  readonly #listeners = new Set<() => void>();
  #controller: AbortController | undefined;
  #cancelled: { readonly reason: Error } | undefined;

  constructor(acceptedAtMs?: number) {
    this.acceptedAtMs = acceptedAtMs;
  }

  get aborted(): boolean {
    return this.#cancelled !== undefined;
  }

  get reason(): Error | undefined {
    return this.#cancelled?.reason;
  }

  /** For what takes nothing less. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#cancelled !== undefined) this.#controller.abort(this.#cancelled.reason);
    return this.#controller.signal;
  }

  addEventListener(_type: "abort", listener: () => void): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    this.#listeners.delete(listener);
  }

  cancel(reason: Error): void {
    if (this.#cancelled !== undefined) return;
    this.#cancelled = { reason };
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
    this.#controller?.abort(reason);
  }
}
