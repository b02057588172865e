import type { Account } from "./accounts.js";
import type { ActionContext } from "./context.js";
import { reportPlaces } from "./external-id.js";
import { findReport } from "./find-report.js";

/** @returns how many there were; none is no error, a repeated run finds none */
export async function removeReports(
  context: ActionContext,
  account: Account,
  incidentId: number,
): Promise<number> {
  let removed = 0;
  for (const { externalId } of reportPlaces(account.policy, incidentId)) {
    const report = await findReport(context, account, externalId);
    if (report === undefined) continue;
    context.stage("Deleting the report from TruSTAR.");
    await account.reports.remove(report.id, context.signal);
    await context.ledger.forgetSubmitted(externalId);
    removed += 1;
  }
  await context.ledger.recordOwed(incidentId, false);
  return removed;
}
