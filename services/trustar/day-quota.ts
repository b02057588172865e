import { RateLimitedError } from "../../src/core/errors.js";
import type { Clock } from "../../src/core/time.js";

/** The company's daily allowance as GET /request-quotas tells it. Times are milliseconds since the epoch. */
export interface DailyQuota {
  readonly maxRequests: number;
  readonly usedRequests: number;
  readonly resetAtMs: number;
}

/** What is known of the day's quota: what TruSTAR tells of it, the calls since, and a refusal that says it is spent. */
export class DayQuota {
  readonly #clock: Clock;
  #told: DailyQuota | undefined;
  #spentUntilMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What TruSTAR says of it is newer than its last refusal: somebody may have had it raised. */
  set(quota: DailyQuota): void {
    this.#told = quota;
    if (quota.usedRequests < quota.maxRequests) this.#spentUntilMs = 0;
  }

  /** TruSTAR refused a call because the quota is spent. */
  setSpentUntil(untilMs: number): void {
    this.#spentUntilMs = Math.max(this.#spentUntilMs, untilMs);
  }

  count(): void {
    const quota = this.#current();
    if (quota !== undefined) this.#told = { ...quota, usedRequests: quota.usedRequests + 1 };
  }

  /** Calls left until the reset; undefined while TruSTAR has not told us. */
  left(): number | undefined {
    if (this.#clock.now() < this.#spentUntilMs) return 0;
    const quota = this.#current();
    return quota === undefined ? undefined : Math.max(0, quota.maxRequests - quota.usedRequests);
  }

  /** Why no call that costs quota can go now. */
  refusal(): RateLimitedError | undefined {
    if (this.left() !== 0) return undefined;
    const quota = this.#current();
    const isUsedUp = quota !== undefined && quota.usedRequests >= quota.maxRequests;
    const resetAtMs = Math.max(isUsedUp ? quota.resetAtMs : 0, this.#spentUntilMs);
    const size = quota === undefined ? "" : ` of ${quota.maxRequests} calls`;
    const resetAt = new Date(resetAtMs).toISOString();
    return new RateLimitedError(
      "quota_exhausted",
      `the day's TruSTAR quota${size} is spent; it is renewed at ${resetAt}`,
      resetAtMs,
    );
  }

  #current(): DailyQuota | undefined {
    if (this.#told !== undefined && this.#told.resetAtMs <= this.#clock.now()) this.#told = undefined;
    return this.#told;
  }
}
