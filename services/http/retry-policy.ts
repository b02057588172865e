import pRetry from "p-retry";
import { isRetryable } from "../../src/core/errors.js";
import { MINUTE_MS, SECOND_MS } from "../../src/core/time.js";

/** How often and how soon a failed call is made again. Whether it may be is a property of its error. */
export interface RetryPolicy {
  readonly retries: number;
  readonly minTimeout: number;
  readonly maxTimeout: number;
  readonly randomize: boolean;
}

/** A first second, then doubling to a minute, with jitter; about an hour in all, which is as long as a poll may last. */
export const outlastOutage: RetryPolicy = {
  retries: 60,
  minTimeout: SECOND_MS,
  maxTimeout: MINUTE_MS,
  randomize: true,
};

export interface RetryOptions {
  readonly policy: RetryPolicy;
  readonly signal: AbortSignal;
  /** Told of every failure that will be tried again. */
  readonly onRetry?: (error: Error) => void;
}

/** Repeats `work` while its errors say that asking again can help, until the policy or the signal ends it. */
export async function withRetry<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  return pRetry(work, {
    ...options.policy,
    signal: options.signal,
    shouldRetry: ({ error }) => isRetryable(error),
    onFailedAttempt: ({ error }) => {
      if (isRetryable(error)) options.onRetry?.(error);
    },
  });
}
