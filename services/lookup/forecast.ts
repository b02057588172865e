/** When look-ups are likely to be answered. */
export interface Forecast {
  /** Calls that were answered since the start. */
  readonly answered: number;
  /** Where a value that has just been asked for stands, as a number that grows with each. */
  place(): number;
  /** About how many values up to `place`, itself included, have not been asked about. */
  ahead(place: number): number;
  /** In how many milliseconds a value with so many before it is likely to be answered. */
  waitMs(ahead: number): number;
  /** How much of that the limits hold it back. */
  heldMs(ahead: number): number;
}

export interface QueueForecastOptions {
  readonly queue: {
    /** Values asked for since the start. */
    readonly asked: number;
    ahead(place: number): number;
  };
  readonly batchSize: number;
  /** Calls under way at once. */
  readonly concurrency: number;
  /** How long the limits hold back the last of so many calls, in milliseconds. */
  readonly waitForCallsMs: (calls: number) => number;
  /** How long a call for a few values is held back so that the budgets last, in milliseconds. */
  readonly paceMs: () => number;
}

/** Until a call has been measured. */
const usualCallMs = 500;
/** How much a new call counts beside those before it. */
const newestShare = 0.25;

/** By what waits before a value, how long TruSTAR has been taking for a call, and what the limits allow. */
export class QueueForecast implements Forecast {
  readonly #options: QueueForecastOptions;
  #callMs: number | undefined;
  #answered = 0;

  constructor(options: QueueForecastOptions) {
    this.#options = options;
  }

  get answered(): number {
    return this.#answered;
  }

  /** A question for look-ups has been answered. */
  noteCall(durationMs: number): void {
    this.#answered += 1;
    const beforeMs = this.#callMs ?? durationMs;
    this.#callMs = beforeMs + (durationMs - beforeMs) * newestShare;
  }

  place(): number {
    return this.#options.queue.asked;
  }

  ahead(place: number): number {
    return this.#options.queue.ahead(place);
  }

  waitMs(ahead: number): number {
    const { batchSize, concurrency } = this.#options;
    // What has left the queue needs its call, and perhaps the one for summaries.
    const rounds = Math.max(1, Math.ceil(ahead / batchSize / concurrency));
    return rounds * (this.#callMs ?? usualCallMs) + this.heldMs(ahead);
  }

  heldMs(ahead: number): number {
    const { queue, batchSize, waitForCallsMs, paceMs } = this.#options;
    const calls = Math.ceil(ahead / batchSize);
    // A full batch goes whatever the pace.
    const isPaced = calls * batchSize > queue.ahead(queue.asked);
    return Math.max(waitForCallsMs(calls), calls > 0 && isPaced ? paceMs() : 0);
  }
}
