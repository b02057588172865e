import { RateLimitedError, UpstreamError } from "../../src/core/errors.js";
import { MINUTE_MS, SECOND_MS } from "../../src/core/time.js";
import { withRetry, type RetryPolicy } from "../http/retry-policy.js";

export interface Patience extends RetryPolicy {
  /** The longest "come back later" that is waited for; a longer one is the caller's to plan. */
  readonly maxHoldMs: number;
}

/** Five attempts, as the stock client makes, over about half a minute. */
export const patient: Patience = {
  retries: 4,
  minTimeout: 1 * SECOND_MS,
  maxTimeout: 15 * SECOND_MS,
  maxRetryTime: 2 * MINUTE_MS,
  randomize: true,
  maxHoldMs: 1 * MINUTE_MS,
};

/**
 * Whether sending the same request again is right after this failure.
 *
 * - `any`: the server surely did nothing with it (we never reached it, or it said 429 or 503), so a POST may go again
 * - `repeatable`: it may have done its work and only the answer was lost (reset, timeout, other 5xx): a request that
 *   makes something new would make it twice
 * - `never`: the same words will get the same answer
 */
export type ResendRule = "any" | "repeatable" | "never";

const unsentCodes = new Set<unknown>([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
]);
const unsentCalls = new Set<unknown>(["connect", "getaddrinfo"]);

export function resendRule(error: unknown): ResendRule {
  if (error instanceof RateLimitedError) return "any";
  if (!(error instanceof UpstreamError)) return "never";
  if (error.status === 503 || error.code === "proxy_unreachable") return "any";
  if (error.code === "upstream_timeout" || error.code === "upstream_failed") return "repeatable";
  // Without a cause below it is not the network: the client has been closed.
  if (error.code !== "upstream_unreachable" || error.cause === undefined) return "never";
  const { code, syscall, untrusted } = socketFailure(error.cause);
  if (untrusted) return "never";
  return unsentCodes.has(code) || unsentCalls.has(syscall) ? "any" : "repeatable";
}

/** What `toNetworkError` left of the failure below. */
function socketFailure(cause: unknown): { code: unknown; syscall: unknown; untrusted: boolean } {
  const { code, syscall, untrusted } = Object(cause) as Record<string, unknown>;
  return { code, syscall, untrusted: untrusted === true };
}

export interface Resending {
  readonly patience: Patience;
  /** Sending it twice does what sending it once does. */
  readonly repeatable: boolean;
  readonly now: () => number;
  readonly signal: AbortSignal;
  readonly onRetry: (error: Error, attempt: number) => void;
}

/** Sends until it succeeds, its failure forbids a repeat, or patience is used up. */
export function resend<T>(send: () => Promise<T>, options: Resending): Promise<T> {
  const { patience, repeatable, now, signal, onRetry } = options;
  return withRetry(send, {
    policy: patience,
    signal,
    onRetry,
    mayRepeat: (error) => {
      const rule = resendRule(error);
      return rule === "any" || (rule === "repeatable" && repeatable);
    },
    isTooLate: (error) => error instanceof RateLimitedError && error.retryAtMs - now() > patience.maxHoldMs,
  });
}
