import { ActionError } from "../action-error.js";
import { statusSentence } from "../notes/status-sentence.js";
import { removeReports } from "../remove-reports.js";
import type { RuleHandler } from "./rule-request.js";

/** The incident can't be read any more: what the message says of it has to do. */
export const deleteReports: RuleHandler = async (context, { incident, operation }) => {
  if (operation !== undefined && operation !== "deleted") {
    throw new ActionError(
      `Nothing deleted: the incident was ${operation}. Set the rule's condition to "incident is deleted".`,
    );
  }
  const { policy, ...rest } = await context.accounts.forWorkspace(incident.workspaceId, context.signal);
  if (!policy.autoSubmission) {
    return `The report stays in TruSTAR: auto_submission is off in [${policy.name}]; delete it there if it is to go.`;
  }
  const deleted = await removeReports(context, { policy, ...rest }, incident.id);
  return deleted === 0 ? "There was no report of this incident to delete." : statusSentence({ deleted });
};
