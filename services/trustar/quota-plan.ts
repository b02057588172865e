import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../src/core/time.js";

/** The company's daily allowance as GET /request-quotas tells it. Times are milliseconds since the epoch. */
export interface DailyQuota {
  readonly maxRequests: number;
  readonly usedRequests: number;
  readonly resetAtMs: number;
}

/** What look-ups leave of the day's calls to what analysts do; less and less as the day goes by. */
const reservedShare = 0.1;
/** How much of what an even day would have left may be spent ahead of it, before small batches have to wait. */
const spentAheadShare = 0.2;
/** With the smallest quota that is sold, 300 a day, a call every so often lasts for the day. */
const longestPaceMs = 5 * MINUTE_MS;

/** Calls that only an analyst's action may use. */
export function reservedCalls(quota: DailyQuota, nowMs: number): number {
  return Math.ceil(quota.maxRequests * reservedShare * shareOfDayLeft(quota, nowMs));
}

/**
 * How long a call that asks for few values should wait, in milliseconds; 0 while less is spent than on an even day, and
 * a bit ahead of it. Beyond that such calls are spread over the rest of the day, and more values gather for each.
 * A full batch is worth its call at any time.
 */
export function paceMs(quota: DailyQuota, reserved: number, lastCallAtMs: number, nowMs: number): number {
  const left = quota.maxRequests - quota.usedRequests - reserved;
  if (left <= 0) return 0; // waiting will not help: it is refused
  const evenlyLeft = quota.maxRequests * shareOfDayLeft(quota, nowMs) - reserved;
  if (left >= evenlyLeft * (1 - spentAheadShare)) return 0;
  const spacingMs = (quota.resetAtMs - nowMs) / left;
  return Math.max(0, lastCallAtMs + Math.min(spacingMs, longestPaceMs) - nowMs);
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
