import { OverloadedError, RateLimitedError } from "../../src/core/errors.js";
import { MINUTE_MS, SECOND_MS, type Clock } from "../../src/core/time.js";
import type { CallPriority } from "./call-priority.js";
import { DayQuota, type DailyQuota } from "./day-quota.js";
import { SlidingWindow } from "./sliding-window.js";
import { WindowPace } from "./window-pace.js";

export type { CallPriority } from "./call-priority.js";

/**
 * TruSTAR's documented limits, which nobody can raise; an app.config may set the first. Each window is a little longer
 * than theirs because a call is counted there when it arrives and here when it leaves.
 */
const arrivalSlackMs = 2 * SECOND_MS;
export const perUserLimit = { calls: 60, windowMs: MINUTE_MS + arrivalSlackMs };
export const perAddressLimit = { calls: 1_000, windowMs: 5 * MINUTE_MS + arrivalSlackMs };

/** What look-ups leave of a window's calls to what analysts do. */
const reservedShare = 0.05;

/** One for all accounts that call from this machine. */
export function createAddressWindow(): SlidingWindow {
  return new SlidingWindow(perAddressLimit.calls, perAddressLimit.windowMs);
}

interface Waiter {
  readonly costsQuota: boolean;
  readonly go: () => void;
  readonly refuse: (error: Error) => void;
}

/**
 * The one gate all calls of an account pass: never more than TruSTAR allows in any window, nobody while TruSTAR asked
 * to wait, analysts before look-ups, and nothing that costs quota once the day's quota is spent.
 */
export class BudgetGate {
  readonly #clock: Clock;
  readonly #windows: readonly SlidingWindow[];
  readonly #user: SlidingWindow;
  readonly #address: SlidingWindow;
  readonly #paces: readonly WindowPace[];
  /** What is known of the day's quota, and planned with it. */
  readonly quota: DayQuota;
  readonly #queues: Readonly<Record<CallPriority, Set<Waiter>>> = { analyst: new Set(), lookup: new Set() };
  #heldUntilMs = 0;
  /** When the hold was made, by the clock of now. */
  #heldSinceMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #isReserving = false;
  #closed = false;

  constructor(clock: Clock, addressWindow: SlidingWindow, callsPerMinute: number = perUserLimit.calls) {
    this.#clock = clock;
    this.#user = new SlidingWindow(callsPerMinute, perUserLimit.windowMs);
    this.#address = addressWindow;
    this.quota = new DayQuota(clock);
    this.#windows = [this.#user, addressWindow];
    this.#paces = this.#windows.map((window) => new WindowPace(window));
  }

  /**
   * Resolves when the call may go, and counts it.
   * @returns `quota.counted` at that moment: what leaves later is not among them
   * @throws RateLimitedError `quota_exhausted` as soon as the day's quota is spent; `upstream_rate_limited` when the
   * signal ends the wait
   * @throws OverloadedError the gate is closed
   */
  async pass(priority: CallPriority, costsQuota: boolean, signal: AbortSignal): Promise<number> {
    const refusal = this.#refusal(priority, costsQuota);
    if (refusal !== undefined) throw refusal;
    if (!signal.aborted && this.#takeNow(priority, costsQuota)) return this.quota.counted;
    return await this.#wait(priority, costsQuota, signal);
  }

  /**
   * TruSTAR said 429. No window of its limits is as long as a wait beyond the longest of them: then the day's quota is
   * spent, which concerns the calls that cost quota. Any other wait holds every caller of the account, but a free call
   * that is told to wait for a day must not stop all the others: the longest window is enough.
   */
  hold(waitMs: number, costsQuota = false): void {
    const untilMs = this.#clock.now() + waitMs;
    if (costsQuota && waitMs > perAddressLimit.windowMs) {
      this.quota.setSpentUntil(untilMs);
      this.#refuseWhoCannotGo();
      return;
    }
    this.#holdUntil(Math.min(untilMs, this.#clock.now() + perAddressLimit.windowMs));
    this.#schedule();
  }

  /** Somebody who shares the account was told to make no more than this. */
  lowerTo(callsPerMinute: number): void {
    this.#user.lowerTo(callsPerMinute);
  }

  /** Look-ups leave part of every window's and of the day's calls to analysts' actions from now on. */
  reserveForAnalysts(): void {
    this.#isReserving = true;
    this.quota.reserveForAnalysts();
  }

  /** A call for values that look-ups ask about is made. */
  noteCall(values: number, isFull: boolean): void {
    this.quota.noteValues(values);
    if (isFull) return;
    const nowMs = this.#clock.now();
    for (const pace of this.#paces) pace.noteSmallCall(nowMs);
  }

  /**
   * What a look-up's call for few values costs so that the budgets last: in time that values wait for it, all of them
   * together, in milliseconds.
   */
  lookupPriceMs(): number {
    const nowMs = this.#clock.now();
    const prices = this.#paces.map((pace) => pace.priceMs(nowMs, this.#keptIn(pace.window, "lookup")));
    return Math.max(this.quota.lookupPriceMs(), ...prices);
  }

  /** @param countedBefore `quota.counted` when TruSTAR was asked for it */
  setQuota(quota: DailyQuota | undefined, countedBefore?: number): void {
    this.quota.set(quota, countedBefore);
    this.#refuseWhoCannotGo();
  }

  /** Calls left until the quota's reset; undefined while TruSTAR has not told us. */
  quotaLeft(): number | undefined {
    return this.quota.left();
  }

  /** Milliseconds until `calls` more for look-ups have passed the limits, and the day's quota is there again if it is spent. */
  waitForCallsMs(calls: number): number {
    const windowsMs = this.#windows.map((window) => this.#windowWaitMs(window, calls));
    const renewedAtMs = this.quota.refusal("lookup")?.retryAtMs ?? 0;
    return Math.max(this.heldForMs(), renewedAtMs - this.#clock.now(), ...windowsMs);
  }

  /** Why a look-up that asks now has to wait for our limits; undefined when it may go. */
  whyHeld(): string | undefined {
    const spent = this.#refusal("lookup", true);
    if (spent !== undefined) return spent.message;
    const waitMs = this.waitForCallsMs(1);
    if (waitMs > 0) {
      const freeAt = new Date(this.#clock.now() + waitMs).toISOString();
      if (this.heldForMs() === waitMs) return `TruSTAR asked for no call before ${freeAt}`;
      const isByAddress = this.#windowWaitMs(this.#address, 1) === waitMs;
      const limit = isByAddress
        ? `calls of all accounts of this machine in five minutes: ${this.#address.limit}`
        : `calls a minute: ${this.#user.limit}`;
      return `the rate limit (${limit}) leaves no call before ${freeAt}`;
    }
    if (this.quota.lookupPriceMs() > 0) return "calls are spaced out so that the quota lasts";
    return this.lookupPriceMs() > 0 ? "calls are spaced out so that the rate limit leaves some" : undefined;
  }

  /** How long everybody still waits because TruSTAR asked for it. */
  heldForMs(): number {
    const nowMs = this.#clock.now();
    return Math.max(0, this.#heldTo(nowMs) - nowMs);
  }

  waiting(): number {
    return this.#queues.analyst.size + this.#queues.lookup.size;
  }

  /** Refuses everybody who waits, and who comes later: the program ends. */
  close(): void {
    this.#closed = true;
    this.#refuseWhoCannotGo();
  }

  #holdUntil(untilMs: number): void {
    const nowMs = this.#clock.now();
    this.#heldUntilMs = Math.max(this.#heldTo(nowMs), untilMs);
    this.#heldSinceMs = nowMs;
  }

  /** A clock that was set back does not make a wait longer. */
  #heldTo(nowMs: number): number {
    if (nowMs < this.#heldSinceMs) {
      this.#heldUntilMs -= this.#heldSinceMs - nowMs;
      this.#heldSinceMs = nowMs;
    }
    return this.#heldUntilMs;
  }

  #freeAtMs(nowMs: number, priority: CallPriority): number {
    const windowsMs = this.#windows.map((window) => window.freeAtMs(nowMs, this.#keptIn(window, priority)));
    return Math.max(this.#heldTo(nowMs), ...windowsMs);
  }

  /** How long the limit of one window holds back the last of so many calls for look-ups. */
  #windowWaitMs(window: SlidingWindow, calls: number): number {
    const ahead = this.waiting();
    return window.freeAfterMs(calls + ahead, this.#clock.now(), this.#keptIn(window, "lookup"));
  }

  #keptIn(window: SlidingWindow, priority: CallPriority): number {
    const isKept = this.#isReserving && priority === "lookup";
    return isKept ? Math.floor(window.limit * reservedShare) : 0;
  }

  /** Whose turn it is. */
  #nextPriority(): CallPriority {
    return this.#queues.analyst.size > 0 ? "analyst" : "lookup";
  }

  #takeNow(priority: CallPriority, costsQuota: boolean): boolean {
    const nowMs = this.#clock.now();
    const ahead = priority === "analyst" ? this.#queues.analyst.size : this.waiting();
    if (ahead > 0 || this.#freeAtMs(nowMs, priority) > nowMs) return false;
    this.#take(nowMs, costsQuota);
    return true;
  }

  #take(nowMs: number, costsQuota: boolean): void {
    for (const window of this.#windows) window.take(nowMs);
    if (!costsQuota) return;
    this.quota.count();
    if (this.quota.isSpentFor("lookup")) this.#refuseWhoCannotGo();
  }

  #wait(priority: CallPriority, costsQuota: boolean, signal: AbortSignal): Promise<number> {
    const queue = this.#queues[priority];
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        queue.delete(waiter);
        this.#schedule();
        reject(this.#limitError(priority, signal.reason));
      };
      const waiter: Waiter = {
        costsQuota,
        go: () => {
          signal.removeEventListener("abort", giveUp);
          resolve(this.quota.counted);
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
    const delayMs = Math.min(Math.max(this.#freeAtMs(nowMs, this.#nextPriority()) - nowMs, 0), MINUTE_MS);
    this.#timer = setTimeout(() => {
      this.#letGo();
    }, delayMs);
  }

  #letGo(): void {
    let nowMs = this.#clock.now();
    while (this.waiting() > 0) {
      const priority = this.#nextPriority();
      if (this.#freeAtMs(nowMs, priority) > nowMs) break;
      const queue = this.#queues[priority];
      const [first] = queue;
      if (first === undefined) break;
      queue.delete(first);
      first.go();
      this.#take(nowMs, first.costsQuota);
      nowMs = this.#clock.now();
    }
    this.#schedule();
  }

  /** Nobody waits for what will not come, nor takes a place in a window for a call that is not made. */
  #refuseWhoCannotGo(): void {
    for (const priority of ["analyst", "lookup"] as const) {
      const queue = this.#queues[priority];
      for (const waiter of queue) {
        const refusal = this.#refusal(priority, waiter.costsQuota);
        if (refusal === undefined) continue;
        queue.delete(waiter);
        waiter.refuse(refusal);
      }
    }
    this.#schedule();
  }

  /** Why a call can't go, however long it waits. */
  #refusal(priority: CallPriority, costsQuota: boolean): Error | undefined {
    if (this.#closed) return new OverloadedError("shutting down");
    return costsQuota ? this.quota.refusal(priority) : undefined;
  }

  #limitError(priority: CallPriority, cause: unknown): RateLimitedError {
    const freeAtMs = this.#freeAtMs(this.#clock.now(), priority);
    return new RateLimitedError(
      "upstream_rate_limited",
      `TruSTAR's rate limit leaves no call before ${new Date(freeAtMs).toISOString()}`,
      freeAtMs,
      { cause },
    );
  }
}
