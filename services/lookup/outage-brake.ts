import type { RetryPolicy } from "../http/retry-policy.js";
import { backOffMs } from "./doubtful-lane.js";

export interface OutageBrakeOptions {
  /** Calls under way at once. */
  readonly slots: number;
  readonly policy: RetryPolicy;
  /** A call may go that might not before. */
  readonly onRelease: () => void;
}

/** As many failures in a row as there are slots look like an outage: until a success, calls go one by one after a back-off. */
export class OutageBrake {
  readonly #options: OutageBrakeOptions;
  #failedInARow = 0;
  #reopening: NodeJS.Timeout | undefined;

  constructor(options: OutageBrakeOptions) {
    this.#options = options;
  }

  /** Whether another call may go beside so many. */
  allows(running: number): boolean {
    const { slots } = this.#options;
    if (this.#failedInARow < slots) return running < slots;
    return running === 0 && this.#reopening === undefined;
  }

  noteSuccess(): void {
    this.#failedInARow = 0;
    if (this.#reopening === undefined) return;
    clearTimeout(this.#reopening);
    this.#reopening = undefined;
    this.#options.onRelease();
  }

  noteFailure(): void {
    const { slots, policy, onRelease } = this.#options;
    this.#failedInARow += 1;
    const tooMany = this.#failedInARow - slots;
    if (tooMany < 0) return;
    clearTimeout(this.#reopening);
    this.#reopening = setTimeout(
      () => {
        this.#reopening = undefined;
        onRelease();
      },
      backOffMs(policy, tooMany + 1),
    ).unref();
  }
}
