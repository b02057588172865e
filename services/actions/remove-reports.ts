import type { Account } from "./accounts.js";
import type { ActionContext } from "./context.js";
import { reportPlaces } from "./external-id.js";

/** @returns how many there were; none is no error, a repeated run finds none */
export async function removeReports(
  { signal, stage }: ActionContext,
  { policy, reports }: Account,
  incidentId: number,
): Promise<number> {
  stage("Deleting the report from TruSTAR.");
  let removed = 0;
  for (const { externalId } of reportPlaces(policy, incidentId)) {
    const report = await reports.find(externalId, signal);
    if (report === undefined) continue;
    await reports.remove(report.id, signal);
    removed += 1;
  }
  return removed;
}
