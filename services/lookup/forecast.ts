/** When look-ups are likely to be answered. */
export interface Forecast {
  /** Calls that were answered since the start. */
  readonly answered: number;
  /** Where a value that has just been asked for stands, as a number that grows with each. */
  place(): number;
  /** About how many values up to `place`, itself included, have not been asked about. */
  ahead(place: number): number;
  /** Where a value that TruSTAR has just been found to know stands among those it is asked more about. */
  knownPlace(): number;
  /** In how many milliseconds a value with so many before it is likely to be answered. */
  waitMs(ahead: number): number;
  /** How much of that the limits hold it back. */
  heldMs(ahead: number): number;
  /**
   * In how many milliseconds to ask again for what waits for more values to share its call; 0 = it waits for none.
   * @param knownPlace where it stands when TruSTAR knows it
   */
  gathersMs(ahead: number, knownPlace: number | undefined): number;
}

export interface ForecastQueue {
  /** Values asked for since the start. */
  readonly asked: number;
  /** Of the first `place` that were asked for those whose call has not left. */
  ahead(place: number): number;
  /** How long what waits will be held so that a budget lasts, if no more comes, in milliseconds. */
  readonly heldForMs: number;
}

export interface QueueForecastOptions {
  readonly newValues: ForecastQueue;
  readonly knownValues: ForecastQueue;
  readonly batchSize: number;
  /** Calls under way at once. */
  readonly concurrency: number;
  /** How long the limits hold back the last of so many calls, in milliseconds. */
  readonly waitForCallsMs: (calls: number) => number;
}

/** Until a call has been measured. */
const usualCallMs = 500;
/** More values are likely to come, and a call that gathers them leaves the sooner: so much of its hold is told. */
const toldShare = 1 / 2;
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
    return this.#options.newValues.asked;
  }

  ahead(place: number): number {
    return this.#options.newValues.ahead(place);
  }

  knownPlace(): number {
    return this.#options.knownValues.asked + 1;
  }

  waitMs(ahead: number): number {
    const { batchSize, concurrency } = this.#options;
    // What has left the queue needs its call, and perhaps the one for summaries.
    const rounds = Math.max(1, Math.ceil(ahead / batchSize / concurrency));
    return rounds * (this.#callMs ?? usualCallMs) + this.heldMs(ahead);
  }

  heldMs(ahead: number): number {
    const { batchSize, waitForCallsMs } = this.#options;
    return waitForCallsMs(Math.ceil(ahead / batchSize));
  }

  gathersMs(ahead: number, knownPlace: number | undefined): number {
    const { newValues, knownValues, batchSize } = this.#options;
    // A full batch goes whatever a call costs.
    const isInFullBatch = Math.ceil(ahead / batchSize) * batchSize <= newValues.ahead(newValues.asked);
    const newMs = ahead > 0 && !isInFullBatch ? newValues.heldForMs : 0;
    const isHeldAsKnown = knownPlace !== undefined && knownValues.ahead(knownPlace) > 0;
    return Math.max(newMs, isHeldAsKnown ? knownValues.heldForMs : 0) * toldShare;
  }
}
