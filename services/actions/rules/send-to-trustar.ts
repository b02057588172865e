import { IncidentView } from "../incident-view.js";
import { syncIncident } from "../sync-incident.js";
import type { RuleHandler } from "./rule-request.js";

/** An analyst asks for it, so neither auto_submission nor excluded types count: as in the legacy app. */
export const sendToTrustar: RuleHandler = async (context, { incident }) => {
  const view = await IncidentView.read(incident.id, context);
  const account = await context.accounts.forWorkspace(view.incident.workspaceId, context.signal);
  return (await syncIncident(context, account, view, { maySubmit: true, enriches: "anew" })).message;
};
