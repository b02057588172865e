import { OverloadedError, RateLimitedError } from "../../src/core/errors.js";
import { MINUTE_MS, SECOND_MS, type Clock } from "../../src/core/time.js";
import { SlidingWindow } from "./sliding-window.js";

/** An analyst waits for an action; a look-up can be polled. */
export type CallPriority = "analyst" | "lookup";

/** The company's daily allowance as GET /request-quotas tells it. Times are milliseconds since the epoch. */
export interface DailyQuota {
  readonly maxRequests: number;
  readonly usedRequests: number;
  readonly resetAtMs: number;
}

/**
 * TruSTAR's documented limits, which nobody can raise; an app.config may set the first. Each window is a little longer than theirs because a call is
 * counted there when it arrives and here when it leaves.
 */
const arrivalSlackMs = 2 * SECOND_MS;
export const perUserLimit = { calls: 60, windowMs: MINUTE_MS + arrivalSlackMs };
export const perAddressLimit = { calls: 1_000, windowMs: 5 * MINUTE_MS + arrivalSlackMs };

/** One for all accounts that call from this machine. */
export function createAddressWindow(): SlidingWindow {
  return new SlidingWindow(perAddressLimit.calls, perAddressLimit.windowMs);
}

interface Waiter {
  readonly go: () => void;
  readonly refuse: (error: Error) => void;
}

/**
 * The one gate all calls of an account pass: never more than TruSTAR allows in any minute, nobody while TruSTAR asked
 * to wait, analysts before look-ups, and nothing that costs quota once the day's quota is spent.
 */
export class BudgetGate {
  readonly #clock: Clock;
  readonly #windows: readonly SlidingWindow[];
  readonly #user: SlidingWindow;
  readonly #queues: Readonly<Record<CallPriority, Set<Waiter>>> = { analyst: new Set(), lookup: new Set() };
  #heldUntilMs = 0;
  #quota: DailyQuota | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(clock: Clock, addressWindow: SlidingWindow, callsPerMinute: number = perUserLimit.calls) {
    this.#clock = clock;
    this.#user = new SlidingWindow(callsPerMinute, perUserLimit.windowMs);
    this.#windows = [this.#user, addressWindow];
  }

  /**
   * Resolves when the call may go, and counts it.
   * @throws RateLimitedError `quota_exhausted` at once when the day's quota is spent; `upstream_rate_limited` when the
   * signal ends the wait
   */
  async pass(priority: CallPriority, costsQuota: boolean, signal: AbortSignal): Promise<void> {
    this.#refuseWhenSpent(costsQuota);
    if (signal.aborted || !this.#takeNow(priority)) await this.#wait(priority, signal);
    this.#refuseWhenSpent(costsQuota);
    if (costsQuota) this.#countAgainstQuota();
  }

  /** TruSTAR said 429: every caller of the account waits. */
  hold(waitMs: number): void {
    this.#heldUntilMs = Math.max(this.#heldUntilMs, this.#clock.now() + waitMs);
    this.#schedule();
  }

  /** Somebody who shares the account was told to make no more than this. */
  lowerTo(callsPerMinute: number): void {
    this.#user.lowerTo(callsPerMinute);
  }

  setQuota(quota: DailyQuota): void {
    this.#quota = quota;
  }

  /** Calls left until the quota's reset; undefined while TruSTAR has not told us. */
  quotaLeft(): number | undefined {
    const quota = this.#currentQuota();
    return quota === undefined ? undefined : Math.max(0, quota.maxRequests - quota.usedRequests);
  }

  waiting(): number {
    return this.#queues.analyst.size + this.#queues.lookup.size;
  }

  /** Refuses everybody who waits: the program ends. */
  close(): void {
    clearTimeout(this.#timer);
    for (const queue of Object.values(this.#queues)) {
      for (const waiter of queue) waiter.refuse(new OverloadedError("shutting down"));
      queue.clear();
    }
  }

  #freeAtMs(nowMs: number): number {
    return Math.max(this.#heldUntilMs, ...this.#windows.map((window) => window.freeAtMs(nowMs)));
  }

  #takeNow(priority: CallPriority): boolean {
    const nowMs = this.#clock.now();
    const ahead = priority === "analyst" ? this.#queues.analyst.size : this.waiting();
    if (ahead > 0 || this.#freeAtMs(nowMs) > nowMs) return false;
    this.#take(nowMs);
    return true;
  }

  #take(nowMs: number): void {
    for (const window of this.#windows) window.take(nowMs);
  }

  #wait(priority: CallPriority, signal: AbortSignal): Promise<void> {
    const queue = this.#queues[priority];
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        queue.delete(waiter);
        this.#schedule();
        reject(this.#limitError(signal.reason));
      };
      const waiter: Waiter = {
        go: () => {
          signal.removeEventListener("abort", giveUp);
          resolve();
        },
        refuse: (error) => {
          signal.removeEventListener("abort", giveUp);
          reject(error);
        },
      };
      if (signal.aborted) {
        giveUp();
        return;
      }
      signal.addEventListener("abort", giveUp, { once: true });
      queue.add(waiter);
      this.#schedule();
    });
  }

  /** One timer, and only while somebody waits. */
  #schedule(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.waiting() === 0) return;
    const nowMs = this.#clock.now();
    const delayMs = Math.min(Math.max(this.#freeAtMs(nowMs) - nowMs, 0), MINUTE_MS);
    this.#timer = setTimeout(() => {
      this.#letGo();
    }, delayMs);
  }

  #letGo(): void {
    let nowMs = this.#clock.now();
    while (this.waiting() > 0 && this.#freeAtMs(nowMs) <= nowMs) {
      const queue = this.#queues.analyst.size > 0 ? this.#queues.analyst : this.#queues.lookup;
      const [first] = queue;
      if (first === undefined) break;
      queue.delete(first);
      this.#take(nowMs);
      first.go();
      nowMs = this.#clock.now();
    }
    this.#schedule();
  }

  #currentQuota(): DailyQuota | undefined {
    if (this.#quota !== undefined && this.#quota.resetAtMs <= this.#clock.now()) this.#quota = undefined;
    return this.#quota;
  }

  #countAgainstQuota(): void {
    const quota = this.#currentQuota();
    if (quota !== undefined) this.#quota = { ...quota, usedRequests: quota.usedRequests + 1 };
  }

  #refuseWhenSpent(costsQuota: boolean): void {
    const quota = this.#currentQuota();
    if (!costsQuota || quota === undefined || quota.usedRequests < quota.maxRequests) return;
    const resetAt = new Date(quota.resetAtMs).toISOString();
    throw new RateLimitedError(
      "quota_exhausted",
      `the day's TruSTAR quota of ${quota.maxRequests} calls is spent; it is renewed at ${resetAt}`,
      quota.resetAtMs,
    );
  }

  #limitError(cause: unknown): RateLimitedError {
    const freeAtMs = this.#freeAtMs(this.#clock.now());
    return new RateLimitedError(
      "upstream_rate_limited",
      `TruSTAR's rate limit leaves no call before ${new Date(freeAtMs).toISOString()}`,
      freeAtMs,
      { cause },
    );
  }
}
