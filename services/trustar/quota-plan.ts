import { DAY_MS, HOUR_MS } from "../../src/core/time.js";

/** The company's daily allowance as GET /request-quotas tells it. Times are milliseconds since the epoch. */
export interface DailyQuota {
  readonly maxRequests: number;
  readonly usedRequests: number;
  readonly resetAtMs: number;
}

/** What look-ups leave of the day's calls to what analysts do; less and less as the day goes by. */
const reservedShare = 0.1;
/** Calls that only an analyst's action may use. */
export function reservedCalls(quota: DailyQuota, nowMs: number): number {
  return Math.ceil(quota.maxRequests * reservedShare * shareOfDayLeft(quota, nowMs));
}

/**
 * The one rule by which calls for few values are spread, over a day as over a minute: what a call costs in time that
 * values wait for it, all of them together, in milliseconds. 0 while no more is spent than planned, and a bit; then it
 * grows, gently at first, the further what is left falls behind the plan.
 * @param usualMs about what it costs when half of the calls are left that should be
 * @param planned calls that should be left by now
 * @param freeShare so much more, of what is left, may be spent than planned before a small batch has to wait
 */
export function callPriceMs(usualMs: number, planned: number, left: number, freeShare: number): number {
  return usualMs * Math.max(0, planned / left - 1 - freeShare) ** 3;
}

/**
 * When the quota will be spent if calls go on as in the last hour, or as on the day so far when that was more.
 * @returns milliseconds since the epoch; undefined = it lasts until its reset
 */
export function runsOutAtMs(quota: DailyQuota, callsInLastHour: number, nowMs: number): number | undefined {
  const left = quota.maxRequests - quota.usedRequests;
  if (left <= 0) return nowMs;
  const elapsedMs = Math.max(nowMs - (quota.resetAtMs - DAY_MS), HOUR_MS);
  const callsPerMs = Math.max(callsInLastHour / HOUR_MS, quota.usedRequests / elapsedMs);
  const atMs = nowMs + left / callsPerMs;
  return atMs < quota.resetAtMs ? atMs : undefined;
}

function shareOfDayLeft(quota: DailyQuota, nowMs: number): number {
  return Math.min(1, Math.max(0, (quota.resetAtMs - nowMs) / DAY_MS));
}

const hoursOfDay = 24;
/** How much of a day is taken to be even, whatever the days before it were like: there are late hours and odd days. */
const evenShare = 0.3;

/**
 * The working day as it was seen: the values that were asked for in each hour of the quota's day. Each day counts as
 * much as all before it, so that a Sunday without any changes nothing. Until a day has been seen to its end, and after a
 * restart, it is taken to be even.
 */
export class UsualDay {
  #usual: readonly number[] = new Array<number>(hoursOfDay).fill(0);
  #today = new Array<number>(hoursOfDay).fill(0);
  #endsAtMs = 0;

  noteValues(values: number, nowMs: number, resetAtMs: number): void {
    this.#turnTo(resetAtMs);
    const hour = Math.floor(this.#hoursGone(nowMs));
    this.#today[hour] = (this.#today[hour] ?? 0) + values;
  }

  /** The share of the day's work that is still to come: from 1 to 0. */
  shareLeft(nowMs: number, resetAtMs: number): number {
    this.#turnTo(resetAtMs);
    const gone = this.#hoursGone(nowMs);
    const evenLeft = 1 - gone / hoursOfDay;
    let [sum, left] = [0, 0];
    for (const [hour, values] of this.#usual.entries()) {
      sum += values;
      left += values * Math.min(1, Math.max(0, hour + 1 - gone));
    }
    return sum === 0 ? evenLeft : evenShare * evenLeft + (1 - evenShare) * (left / sum);
  }

  /** The quota was renewed: a day is over. What is told of one reset differs by a little each time. */
  #turnTo(resetAtMs: number): void {
    if (Math.abs(resetAtMs - this.#endsAtMs) < DAY_MS / 2) return;
    // Told of too late a reset before: the day is still the same.
    if (resetAtMs < this.#endsAtMs) {
      this.#endsAtMs = resetAtMs;
      return;
    }
    this.#usual = this.#usual.map((values, hour) => (values + (this.#today[hour] ?? 0)) / 2);
    this.#today = new Array<number>(hoursOfDay).fill(0);
    this.#endsAtMs = resetAtMs;
  }

  #hoursGone(nowMs: number): number {
    const gone = hoursOfDay - (this.#endsAtMs - nowMs) / HOUR_MS;
    return Math.min(Math.max(0, gone), hoursOfDay - 0.001);
  }
}
