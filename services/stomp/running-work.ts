import { DeliveryLostError } from "../../src/core/errors.js";
import type { After } from "./after.js";

/** After the deadline: for work that was told to stop to notice it. */
const GRACE_MS = 1_000;

/** The deliveries being worked on, across connections, and their end when the link stops. */
export class RunningWork {
  readonly #after: After;
  readonly #running = new Set<Promise<void>>();
  readonly #abandon = new AbortController();
  #drained: Promise<void> | undefined;

  constructor(after: After) {
    this.#after = after;
  }

  /** Aborts when the time for running work is over. */
  get signal(): AbortSignal {
    return this.#abandon.signal;
  }

  get draining(): boolean {
    return this.#drained !== undefined;
  }

  /** `work` must not reject. */
  add(work: Promise<void>): void {
    const tracked = work.finally(() => this.#running.delete(tracked));
    this.#running.add(tracked);
  }

  /** Waits for what runs, at most `drainMs`; what is not done then is told to stop, and its messages stay queued. */
  drain(drainMs: number, onLate: (unfinished: number) => void): Promise<void> {
    return (this.#drained ??= this.#drainOnce(drainMs, onLate));
  }

  async #drainOnce(drainMs: number, onLate: (unfinished: number) => void): Promise<void> {
    if (await this.#finishesWithin(drainMs)) return;
    onLate(this.#running.size);
    this.#abandon.abort(new DeliveryLostError("The program is stopping; the message stays on the queue."));
    await this.#finishesWithin(GRACE_MS);
  }

  #finishesWithin(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = this.#after(ms, () => {
        resolve(false);
      });
      void Promise.allSettled(this.#running).then(() => {
        cancel();
        resolve(true);
      });
    });
  }
}
