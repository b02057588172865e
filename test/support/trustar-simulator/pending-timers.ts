/** Waits that end at once, unfulfilled, when the simulator closes. */
export class PendingTimers {
  readonly #waiting = new Map<NodeJS.Timeout, (finished: boolean) => void>();
  #closed = false;

  /** False when the simulator was closed meanwhile. */
  wait(ms: number): Promise<boolean> {
    if (this.#closed) return Promise.resolve(false);
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(timer);
        resolve(true);
      }, ms);
      this.#waiting.set(timer, resolve);
    });
  }

  close(): void {
    this.#closed = true;
    for (const [timer, resolve] of this.#waiting) {
      clearTimeout(timer);
      resolve(false);
    }
    this.#waiting.clear();
  }
}
