interface Waiter {
  readonly destination: string | undefined;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Frames of one connection whose receipt has not come yet. */
export class Receipts {
  readonly #waiters = new Map<string, Waiter>();

  /** @param destination where the frames send something, so that an error about it can be told from others */
  wait(receipt: string, destination?: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiters.set(receipt, { destination, resolve, reject });
    });
  }

  came(receipt: string): void {
    this.#waiters.get(receipt)?.resolve();
    this.#waiters.delete(receipt);
  }

  failed(receipt: string, error: Error): void {
    this.#waiters.get(receipt)?.reject(error);
    this.#waiters.delete(receipt);
  }

  /** For errors that name a queue but no receipt. */
  failedFor(queue: string, error: Error): void {
    for (const [receipt, { destination }] of [...this.#waiters]) {
      if (destination === queue || destination === `/queue/${queue}`) this.failed(receipt, error);
    }
  }

  allFailed(error: Error): void {
    for (const waiter of this.#waiters.values()) waiter.reject(error);
    this.#waiters.clear();
  }
}
