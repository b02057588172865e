import type { Report } from "../../src/core/report.js";
import type { Account } from "./accounts.js";
import type { ActionContext } from "./context.js";
import { locateReports } from "./locate-reports.js";

/** @returns how many there were; none is no error, a repeated run finds none */
export async function removeReports(
  context: ActionContext,
  account: Account,
  incidentId: number,
): Promise<number> {
  const { places, stray } = await locateReports(context, account, incidentId);
  let removed = 0;
  const remove = async ({ id }: Report): Promise<void> => {
    context.stage("Deleting the report from TruSTAR.");
    await account.reports.remove(id, context.signal);
    removed += 1;
  };
  for (const place of places) {
    const report = await place.find();
    if (report === undefined) continue;
    await remove(report);
    await context.ledger.forgetSubmitted(place);
  }
  // Last, because the further ids are told by it: a repeated run still finds the others.
  if (stray !== undefined) await remove(stray);
  await context.ledger.settleOwed(incidentId);
  return removed;
}
