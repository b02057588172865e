import { RateLimitedError, UpstreamError } from "../../src/core/errors.js";
import type { Log } from "../../src/core/ports.js";
import { isStillOn, MINUTE_MS, SECOND_MS, type Clock } from "../../src/core/time.js";
import type { DayQuota } from "./day-quota.js";

export interface QuotaReaderOptions {
  /** Asks TruSTAR, and tells `quota` what it says. */
  readonly read: (signal: AbortSignal) => Promise<unknown>;
  readonly quota: DayQuota;
  readonly clock: Clock;
  readonly log: Log;
}

/** Other programs spend from the quota, too. */
const readEveryMs = 10 * MINUTE_MS;
/** While it is spent somebody may have it raised; while it is assumed it may be another. */
const readUrgentlyEveryMs = MINUTE_MS;
/** How often it is looked at whether a reading is due. */
const lookEveryMs = 15 * SECOND_MS;

/** Reads the day's quota in the background when our knowledge of it is old: a free call, at most one a minute. */
export class QuotaReader {
  readonly #options: QuotaReaderOptions;
  readonly #ended = new AbortController();
  #askedAtMs: number | undefined;
  #isReading = false;
  /** Why the last reading failed. */
  #failure: unknown;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: QuotaReaderOptions) {
    this.#options = options;
  }

  /** Called when TruSTAR can be asked, and when quota is about to be spent; from then on it is kept fresh. */
  keepFresh(): void {
    if (this.#ended.signal.aborted) return;
    this.#timer ??= setInterval(() => {
      this.keepFresh();
    }, lookEveryMs).unref();
    if (this.#isDue()) void this.#read();
  }

  close(): void {
    this.#rest();
    this.#ended.abort(new Error("shutting down"));
  }

  #isDue(): boolean {
    if (this.#isReading) return false;
    const fromMs = this.#askedAtMs;
    return fromMs === undefined || !isStillOn(this.#options.clock.now(), fromMs, this.#restsForMs());
  }

  #restsForMs(): number {
    const { quota } = this.#options;
    if (this.#failure instanceof RateLimitedError) return readEveryMs;
    if (quota.isSpentFor("lookup") || quota.isAssumed) return readUrgentlyEveryMs;
    const isOdd = this.#failure instanceof UpstreamError && this.#failure.code === "upstream_invalid_answer";
    return this.#failure === undefined || isOdd ? readEveryMs : readUrgentlyEveryMs;
  }

  async #read(): Promise<void> {
    const { read, clock, log } = this.#options;
    this.#isReading = true;
    this.#askedAtMs = clock.now();
    try {
      await read(this.#ended.signal);
      this.#failure = undefined;
    } catch (error) {
      if (this.#ended.signal.aborted) return;
      // One warning for all failures in a row.
      if (this.#failure === undefined) log.warn({ err: error }, "the TruSTAR quota could not be read");
      this.#failure = error;
      // Refused credentials are for people to mend; the next look-up tries them.
      if (error instanceof UpstreamError && error.code === "upstream_unauthorized") this.#rest();
    } finally {
      this.#isReading = false;
    }
  }

  #rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
