import type { z } from "zod";
import { RateLimitedError, UpstreamError } from "../../src/core/errors.js";
import { MINUTE_MS, SECOND_MS, type Clock } from "../../src/core/time.js";
import type { HttpAnswer } from "../http/create-http.js";
import { DeadlineExceeded, withDeadline } from "../http/deadline.js";
import { whileSomebodyWaits, withRetry, type RetryPolicy } from "../http/retry-policy.js";
import type { TrustarCall, TrustarClient } from "./trustar-client.js";

/** Ahead of look-ups unless it says otherwise. */
export type AnalystCall = Omit<TrustarCall, "priority"> & Partial<Pick<TrustarCall, "priority">>;

export interface AnalystCallsOptions {
  readonly client: TrustarClient;
  readonly clock: Clock;
  /** Told before a call that costs quota. */
  readonly beforeCost: () => void;
  /** Told of every failure that will be tried again. */
  readonly onTrouble?: ((error: Error) => void) | undefined;
  readonly retry?: RetryPolicy | undefined;
  /** For one piece of work with all its attempts and its waiting for the budget. */
  readonly patienceMs?: number | undefined;
}

/** The client as actions use it: ahead of look-ups, and with the patience of somebody who waits for the outcome. */
export class AnalystCalls {
  readonly #options: AnalystCallsOptions;

  constructor(options: AnalystCallsOptions) {
    this.#options = options;
  }

  /** Made once. */
  async text(call: AnalystCall, signal: AbortSignal): Promise<HttpAnswer> {
    return this.#options.client.text(this.#ahead(call), signal);
  }

  /** Made once. */
  async json<T extends z.ZodType>(call: AnalystCall, schema: T, signal: AbortSignal): Promise<z.output<T>> {
    return this.#options.client.json(this.#ahead(call), schema, signal);
  }

  /**
   * Repeats work that may be repeated, within bounds.
   * @throws the last failure, which tells more than "took too long"
   */
  async patiently<T>(work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    const { clock, onTrouble, retry = whileSomebodyWaits, patienceMs = 2 * MINUTE_MS } = this.#options;
    const endMs = clock.now() + patienceMs;
    let last: Error | undefined;
    try {
      return await withDeadline(signal, patienceMs, (bounded) =>
        withRetry(() => work(bounded), {
          policy: retry,
          signal: bounded,
          isTooLate: (error) => error instanceof RateLimitedError && error.retryAtMs > endMs,
          onRetry: (error) => {
            last = error;
            onTrouble?.(error);
          },
        }),
      );
    } catch (error) {
      if (signal.aborted || !(error instanceof DeadlineExceeded)) throw error;
      if (last !== undefined) throw last;
      const message = `TruSTAR did not answer within ${patienceMs / SECOND_MS} seconds`;
      throw new UpstreamError("upstream_timeout", message, {}, { cause: error });
    }
  }

  #ahead(call: AnalystCall): TrustarCall {
    if (call.costsQuota) this.#options.beforeCost();
    return { priority: "analyst", ...call };
  }
}
