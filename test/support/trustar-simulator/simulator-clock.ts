import { systemClock, type Clock } from "../../../src/core/time.js";

/** Follows a base clock and can be pushed forward: token expiry, quota windows and extraction all read this one. */
export class SimulatorClock implements Clock {
  readonly #base: Clock;
  #offsetMs = 0;

  constructor(base: Clock = systemClock) {
    this.#base = base;
  }

  now(): number {
    return this.#base.now() + this.#offsetMs;
  }

  advance(ms: number): void {
    this.#offsetMs += ms;
  }
}
