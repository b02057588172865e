import { IncidentView } from "../incident-view.js";
import { syncIncident } from "../sync-incident.js";
import type { RuleHandler } from "./rule-request.js";

/** An analyst asks for it, so auto_submission does not count; excluded types do. As in the legacy app. */
export const sendToTrustar: RuleHandler = async (context, { incident }) => {
  const view = await IncidentView.read(incident.id, context);
  const account = await context.accounts.forWorkspace(view.incident.workspaceId, context.signal);
  return (await syncIncident(context, account, view, { maySubmit: true, enriches: "anew" })).message;
};
