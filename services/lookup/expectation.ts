import type { Forecast } from "./forecast.js";

/**
 * When one look-up is likely to be answered. What is overdue and doesn't get on, in an outage above all, is expected
 * later and later.
 */
export class Expectation {
  /** Of its last value, as the forecast counts them. */
  place = 0;
  /** What stood before it, and how many calls had been answered, when it was last seen to get on. */
  #ahead = Number.POSITIVE_INFINITY;
  #answered = -1;
  /** When its end was expected then, in milliseconds since the epoch. */
  #atMs = 0;
  /** Among those that TruSTAR knows, once it is. */
  #knownPlace: number | undefined;

  /** TruSTAR knows one of its values, and is asked for more. */
  noteKnown(forecast: Forecast, nowMs: number): void {
    this.#knownPlace = forecast.knownPlace();
    this.#getOn(forecast, forecast.ahead(this.place), nowMs);
  }

  /** Milliseconds from now. */
  likelyInMs(forecast: Forecast, nowMs: number): number {
    const ahead = forecast.ahead(this.place);
    // A queue that moves because its calls fail gets nobody on.
    if (ahead < this.#ahead && forecast.answered !== this.#answered) this.#getOn(forecast, ahead, nowMs);
    const gathersMs = forecast.gathersMs(ahead, this.#knownPlace);
    if (gathersMs > 0) this.#atMs = nowMs + gathersMs;
    const overdueMs = nowMs - this.#atMs;
    return Math.max(Math.abs(overdueMs), forecast.heldMs(ahead));
  }

  #getOn(forecast: Forecast, ahead: number, nowMs: number): void {
    this.#ahead = ahead;
    this.#answered = forecast.answered;
    this.#atMs = nowMs + forecast.waitMs(ahead);
  }
}
