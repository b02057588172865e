import { RateLimitedError } from "../../src/core/errors.js";
import { DAY_MS, HOUR_MS, type Clock } from "../../src/core/time.js";
import type { CallPriority } from "./call-priority.js";
import { callPriceMs, reservedCalls, runsOutAtMs, UsualDay, type DailyQuota } from "./quota-plan.js";
import { SlidingWindow } from "./sliding-window.js";

export type { DailyQuota } from "./quota-plan.js";

/**
 * How dear a call is, in even shares of the day that values wait for it. With less the quota of a busy day is spent
 * before its end, with more some of it is left: measured on simulated days.
 */
const dearness = 15;
/** With less the first bursts of a busy day have to wait, with more the later ones wait for too long. */
const freeShare = 0.3;

/** What is known of the day's quota: what TruSTAR tells of it, the calls since, and a refusal that says it is spent. */
export class DayQuota {
  readonly #clock: Clock;
  #told: DailyQuota | undefined;
  #isAssumed = false;
  #counted = 0;
  #spentUntilMs = 0;
  #isReserving = false;
  readonly #lastHour = new SlidingWindow(Number.MAX_SAFE_INTEGER, HOUR_MS);
  readonly #usualDay = new UsualDay();
  /** Calls for look-ups that should be left by now, and the share of the day's work that was still to come then. */
  #planned = 0;
  #shareLeft = 0;
  #changed: () => void = () => undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `listener` is told of every reading, call and refusal. */
  onChange(listener: () => void): void {
    this.#changed = listener;
  }

  /** Calls that were counted since the start. */
  get counted(): number {
    return this.#counted;
  }

  /** The day that TruSTAR told of is over: what is known is what the last one was like. */
  get isAssumed(): boolean {
    return this.current() !== undefined && this.#isAssumed;
  }

  /**
   * What TruSTAR says of it is newer than its last refusal: somebody may have had it raised. Calls that left since it
   * was asked, when `countedBefore` were counted, are not in what it says. undefined = it tells of none.
   */
  set(quota: DailyQuota | undefined, countedBefore = this.#counted): void {
    const since = this.#counted - countedBefore;
    this.#told = quota && { ...quota, usedRequests: quota.usedRequests + since };
    this.#isAssumed = false;
    if (quota !== undefined && quota.usedRequests < quota.maxRequests) this.#spentUntilMs = 0;
    this.#changed();
  }

  /** TruSTAR refused a call because the quota is spent. */
  setSpentUntil(untilMs: number): void {
    this.#spentUntilMs = Math.max(this.#spentUntilMs, untilMs);
    this.#changed();
  }

  /** Look-ups leave part of the quota to analysts' actions from now on. */
  reserveForAnalysts(): void {
    this.#isReserving = true;
  }

  /** Look-ups ask about so many values. */
  noteValues(values: number): void {
    const quota = this.current();
    if (quota !== undefined) this.#usualDay.noteValues(values, this.#clock.now(), quota.resetAtMs);
  }

  /** A call is made. */
  count(): void {
    this.#counted += 1;
    this.#lastHour.take(this.#clock.now());
    const quota = this.current();
    if (quota !== undefined) {
      this.#told = { ...quota, usedRequests: quota.usedRequests + 1 };
      this.#plan(this.#told);
    }
    this.#changed();
  }

  /** Calls left until the reset; undefined while TruSTAR has not told us. */
  left(): number | undefined {
    if (this.#clock.now() < this.#spentUntilMs) return 0;
    const quota = this.current();
    return quota === undefined ? undefined : Math.max(0, quota.maxRequests - quota.usedRequests);
  }

  isSpentFor(priority: CallPriority): boolean {
    const left = this.left();
    return left !== undefined && left <= this.#keptFrom(priority);
  }

  /** What a look-up's call for few values costs in time that they wait for it, so that the quota lasts. */
  lookupPriceMs(): number {
    const quota = this.current();
    if (quota === undefined) return 0;
    const left = this.#leftForLookups(quota);
    this.#plan(quota);
    // Waiting does not help when nothing is left: the call is refused.
    if (left <= 0) return 0;
    return callPriceMs((dearness * DAY_MS) / quota.maxRequests, this.#planned, left, freeShare);
  }

  /** When it is spent at the present rate; undefined = it lasts, or is not known. */
  runsOutAtMs(): number | undefined {
    const nowMs = this.#clock.now();
    if (nowMs < this.#spentUntilMs) return nowMs;
    const quota = this.current();
    return quota && runsOutAtMs(quota, this.#lastHour.taken(nowMs), nowMs);
  }

  /** Why no call that costs quota can go now. */
  refusal(priority: CallPriority): RateLimitedError | undefined {
    if (!this.isSpentFor(priority)) return undefined;
    const quota = this.current();
    const kept = this.#keptFrom(priority);
    const resetAtMs = this.renewedAtMs(priority);
    const size = quota === undefined ? "" : ` of ${quota.maxRequests} calls`;
    const resetAt = new Date(resetAtMs).toISOString();
    return new RateLimitedError(
      "quota_exhausted",
      `the day's TruSTAR quota${size} is spent${kept > 0 ? ", but for what is kept for analysts" : ""}; it is renewed at ${resetAt}`,
      resetAtMs,
    );
  }

  /** While it is spent: when there are calls again. */
  renewedAtMs(priority: CallPriority): number {
    const quota = this.current();
    const isUsedUp =
      quota !== undefined && quota.usedRequests + this.#keptFrom(priority) >= quota.maxRequests;
    return Math.max(isUsedUp ? quota.resetAtMs : 0, this.#spentUntilMs);
  }

  /**
   * What is left at any moment is planned for the rest of the day, as much as usual for each hour. What is not used is
   * planned anew, what is used too early is missing later.
   */
  #plan(quota: DailyQuota): void {
    const left = this.#leftForLookups(quota);
    const shareLeft = this.#usualDay.shareLeft(this.#clock.now(), quota.resetAtMs);
    const isSameDay = shareLeft <= this.#shareLeft;
    this.#planned = isSameDay ? Math.max(left, (this.#planned * shareLeft) / this.#shareLeft) : left;
    this.#shareLeft = shareLeft;
  }

  #leftForLookups(quota: DailyQuota): number {
    return quota.maxRequests - quota.usedRequests - this.#keptFrom("lookup");
  }

  #keptFrom(priority: CallPriority): number {
    const quota = this.current();
    const isKept = this.#isReserving && priority === "lookup" && quota !== undefined;
    return isKept ? reservedCalls(quota, this.#clock.now()) : 0;
  }

  /** What TruSTAR told of it, and the calls since. A day that is over was like the next, until TruSTAR tells of that. */
  current(): DailyQuota | undefined {
    const overMs = this.#told === undefined ? -1 : this.#clock.now() - this.#told.resetAtMs;
    if (this.#told === undefined || overMs < 0) return this.#told;
    const resetAtMs = this.#told.resetAtMs + (Math.floor(overMs / DAY_MS) + 1) * DAY_MS;
    this.#told = { ...this.#told, usedRequests: 0, resetAtMs };
    this.#isAssumed = true;
    return this.#told;
  }
}
