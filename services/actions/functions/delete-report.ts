import { statusSentence } from "../notes/status-sentence.js";
import { removeReports } from "../remove-reports.js";
import type { FunctionHandler } from "./function-result.js";

export const deleteReport: FunctionHandler = async (context, inputs) => {
  const { accounts, incidents, signal } = context;
  const incident = await incidents.getIncident(inputs.requiredIncidentId(), signal);
  const account = await accounts.forWorkspace(incident.workspaceId, signal);
  const deleted = await removeReports(context, account, incident.id);
  const message =
    deleted === 0 ? "There was no report of this incident to delete." : statusSentence({ deleted });
  return { message, results: { status: "Done" } };
};
