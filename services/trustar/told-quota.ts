import type { z } from "zod";
import { UpstreamError } from "../../src/core/errors.js";
import { DAY_MS, MINUTE_MS } from "../../src/core/time.js";
import type { DailyQuota } from "./quota-plan.js";
import type { quotasAnswer } from "./trustar-schema.js";

type ToldItem = z.output<typeof quotasAnswer>[number];

/** TruSTAR's clock may be behind ours: its day goes on while ours has just ended. */
const clockSkewMs = 5 * MINUTE_MS;
/** The quota is renewed once a day; the rest is for clocks and time zones. */
const furthestResetMs = 2 * DAY_MS;

/**
 * The company's daily quota in an answer to GET /request-quotas; of several the one with the least left.
 * @returns undefined when there is none: nothing limits the day
 * @throws UpstreamError `upstream_invalid_answer`: what is told can't be, and must not stop anybody
 */
export function toldQuota(items: readonly ToldItem[], nowMs: number): DailyQuota | undefined {
  const [first] = items;
  if (first === undefined) return undefined;
  const daily = items.filter(({ timeWindow }) => (timeWindow ?? DAY_MS) === DAY_MS);
  const candidates = daily.length > 0 ? daily : items;
  const quotas = candidates.flatMap((item) => toQuota(item, nowMs) ?? []);
  const [least] = quotas.toSorted((one, other) => left(one) - left(other));
  if (least === undefined) throw cannotBe(candidates[0] ?? first);
  return least;
}

function toQuota(
  { maxRequests, usedRequests, nextResetTime }: ToldItem,
  nowMs: number,
): DailyQuota | undefined {
  if (maxRequests == null || usedRequests == null || nextResetTime == null) return undefined;
  const isPossible =
    maxRequests > 0 &&
    usedRequests >= 0 &&
    nextResetTime > nowMs - clockSkewMs &&
    nextResetTime < nowMs + furthestResetMs;
  return isPossible ? { maxRequests, usedRequests, resetAtMs: nextResetTime } : undefined;
}

function left({ maxRequests, usedRequests }: DailyQuota): number {
  return maxRequests - usedRequests;
}

function cannotBe({ maxRequests, usedRequests, nextResetTime }: ToldItem): UpstreamError {
  const facts = { maxRequests, usedRequests, nextResetTime };
  const told = Object.entries(facts).map(([name, value]) => `${name} ${value ?? "unreadable"}`);
  return new UpstreamError(
    "upstream_invalid_answer",
    `TruSTAR tells of a daily quota that can't be (${told.join(", ")}); only its refusals limit the calls`,
  );
}
