import pRetry from "p-retry";
import { isRetryable } from "../../src/core/errors.js";
import { MINUTE_MS, SECOND_MS } from "../../src/core/time.js";

/** How often and how soon a failed call is made again. Whether it may be is a property of its error. */
export interface RetryPolicy {
  /** Attempts after the first one. */
  readonly retries: number;
  readonly minTimeout: number;
  readonly maxTimeout: number;
  /** All attempts together, waiting included; absent = as long as they take. */
  readonly maxRetryTime?: number;
  /** Jitter, so that many callers do not come back in step. */
  readonly randomize: boolean;
}

/**
 * A first second, then doubling to a minute, with jitter, for as long as somebody waits: the end is the signal's. Only
 * for callers whose signal is sure to abort.
 */
export const outlastOutage: RetryPolicy = {
  retries: Number.POSITIVE_INFINITY,
  minTimeout: SECOND_MS,
  maxTimeout: MINUTE_MS,
  randomize: true,
};

/** Half a second, then doubling to ten, with jitter; about a minute in all: somebody looks at the screen meanwhile. */
export const whileSomebodyWaits: RetryPolicy = {
  retries: 9,
  minTimeout: SECOND_MS / 2,
  maxTimeout: 10 * SECOND_MS,
  randomize: true,
};

export interface RetryOptions {
  readonly policy: RetryPolicy;
  readonly signal: AbortSignal;
  /** Whether asking again can help; without it, what the error says of itself. */
  readonly mayRepeat?: (error: Error) => boolean;
  /** Failures that could be tried again, but not soon enough for this caller. */
  readonly isTooLate?: (error: Error) => boolean;
  /** Told of every failure that will be tried again, with the number of the attempt that failed. */
  readonly onRetry?: (error: Error, attempt: number) => void;
}

/** Repeats `work` while its errors say that asking again can help, until the policy or the signal ends it. */
export async function withRetry<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { mayRepeat = isRetryable, isTooLate, onRetry, policy, signal } = options;
  return pRetry(work, {
    ...policy,
    signal,
    // Asked only while there are attempts left.
    shouldRetry: ({ error, attemptNumber }) => {
      const again = mayRepeat(error) && isTooLate?.(error) !== true;
      if (again) onRetry?.(error, attemptNumber);
      return again;
    },
  });
}
