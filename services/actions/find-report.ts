import type { Report } from "../../src/core/report.js";
import { MINUTE_MS } from "../../src/core/time.js";
import type { Account } from "./accounts.js";
import type { ActionContext } from "./context.js";

/** TruSTAR may deny a report for as long as it processes it; no longer than this. */
const freshMs = 2 * MINUTE_MS;

/**
 * The report of that external id, also when we submitted it a moment ago and TruSTAR does not show it yet.
 * @param enclaveIds where we may have submitted it to: another account is never asked about this one's report
 */
export async function findReport(
  { ledger, clock, signal, stage }: ActionContext,
  { reports }: Account,
  externalId: string,
  enclaveIds: readonly string[],
): Promise<Report | undefined> {
  stage("Looking for the report in TruSTAR.");
  const found = await reports.find(externalId, signal);
  const submitted = enclaveIds
    .map((enclaveId) => ledger.submitted({ enclaveId, externalId }))
    .find((one) => one !== undefined && clock.now() - one.atMs <= freshMs);
  if (found !== undefined || submitted === undefined) return found;
  stage("Waiting until TruSTAR has processed the report.");
  await reports.waitUntilProcessed(submitted.reportId, signal);
  return reports.find(externalId, signal);
}
