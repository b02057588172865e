import type { Report } from "../../../src/core/report.js";
import type { Account } from "../accounts.js";
import { ActionError } from "../action-error.js";
import type { ActionContext } from "../context.js";
import { indicatorsOfStored } from "../extracted-indicators.js";
import { locateReports } from "../locate-reports.js";
import { withRelated } from "../related.js";
import type { FunctionHandler } from "./function-result.js";

export const correlatedIndicators: FunctionHandler = async (context, inputs) => {
  const { accounts, incidents, signal } = context;
  const incident = await incidents.getIncident(inputs.requiredIncidentId(), signal);
  const account = await accounts.forWorkspace(incident.workspaceId, signal);
  const report = await firstReport(context, account, incident.id);
  const extracted = await indicatorsOfStored(context, account, report);
  if (extracted.unprocessed) {
    throw new ActionError("TruSTAR has not processed the report yet; ask again in some minutes.");
  }
  context.stage("Looking for correlated indicators in TruSTAR.");
  const related = await withRelated(account, extracted.indicators, account.policy.maxCorrelated, signal);
  const indicators = related.map(({ type, value }) => ({ type, value }));
  const message =
    indicators.length === 0 ? "No correlated indicators." : `Correlated indicators: ${indicators.length}.`;
  return { message, results: { indicators } };
};

async function firstReport(context: ActionContext, account: Account, incidentId: number): Promise<Report> {
  const { places, stray } = await locateReports(context, account, incidentId);
  for (const place of places) {
    const report = await place.find();
    if (report !== undefined) return report;
  }
  if (stray !== undefined) return stray;
  throw new ActionError(
    `Incident ${incidentId} has no report in TruSTAR yet: submit it first ("Send To TruSTAR" or the function ` +
      "submit_report_to_trustar), then ask again.",
  );
}
