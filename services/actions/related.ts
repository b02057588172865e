import type { IndicatorRef } from "../../src/core/report.js";
import type { Account } from "./accounts.js";

/** Indicators that the account's enclaves have seen together with these, `limit` at most. */
export async function withRelated(
  { policy, reports }: Account,
  indicators: readonly IndicatorRef[],
  limit: number,
  signal: AbortSignal,
): Promise<readonly IndicatorRef[]> {
  if (indicators.length === 0 || limit === 0) return [];
  // No enclave at all would mean every enclave that the account can read.
  const enclaveIds = policy.queryEnclaveIds.length > 0 ? policy.queryEnclaveIds : policy.submissionEnclaveIds;
  return (await reports.related(indicators, enclaveIds, limit, signal)).slice(0, limit);
}
