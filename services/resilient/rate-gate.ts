import { RateLimitedError } from "../../src/core/errors.js";
import type { Clock } from "../../src/core/time.js";
import type { Pause } from "../http/pause.js";

export interface RateGateOptions {
  readonly clock: Clock;
  readonly sleep: Pause;
  /** Who would have to wait longer is told so at once. */
  readonly maxHoldMs: number;
}

/** A 429 is said to all of us: whoever wants to send passes here, and waits until the server takes more. */
export class RateGate {
  readonly #options: RateGateOptions;
  #heldUntilMs = 0;

  constructor(options: RateGateOptions) {
    this.#options = options;
  }

  hold(untilMs: number): void {
    this.#heldUntilMs = Math.max(this.#heldUntilMs, untilMs);
  }

  async pass(signal: AbortSignal): Promise<void> {
    const { clock, sleep, maxHoldMs } = this.#options;
    for (;;) {
      const waitMs = this.#heldUntilMs - clock.now();
      if (waitMs <= 0) return;
      if (waitMs > maxHoldMs) {
        const message = `Resilient takes no more requests for another ${Math.ceil(waitMs / 1000)} s`;
        throw new RateLimitedError("upstream_rate_limited", message, this.#heldUntilMs);
      }
      await sleep(waitMs, signal);
    }
  }
}
