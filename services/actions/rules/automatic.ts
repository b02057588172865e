import type { Account } from "../accounts.js";
import type { ActionContext } from "../context.js";
import { excludedSentence, excludedType } from "../excluded-types.js";
import { IncidentView } from "../incident-view.js";
import { isCorrelatedArtifact } from "../report/correlated.js";
import { syncIncident } from "../sync-incident.js";
import type { RuleHandler } from "./rule-request.js";

/** Rule CaseCreated. */
export const submitNewIncident: RuleHandler = async (context, { incident }) => {
  const { ledger } = context;
  // Before anything is asked: what fails from here on is made up for by the next event.
  await ledger.recordOwed(incident.id);
  const view = await IncidentView.read(incident.id, context);
  const account = await context.accounts.forWorkspace(view.incident.workspaceId, context.signal);
  const refusal = await automaticRefusal(context, account, view);
  if (refusal !== undefined) {
    await ledger.settleOwed(incident.id);
    return refusal;
  }
  await ledger.recordOwed(incident.id, account.policy.submissionEnclaveIds[0]);
  return (await syncIncident(context, account, view, { maySubmit: true, enriches: "with what is new" }))
    .message;
};

/**
 * Rules UpdateIncident and ArtifactCreated: what came before the incident is read needs no run of its own.
 *
 * As in the legacy app they update a report and make none: an incident from before auto_submission was enabled, or one
 * whose report somebody deleted, does not go to TruSTAR because of a new artifact. The exception makes up for a
 * CaseCreated that failed: TruSTAR was away, or the TLP was too high at first.
 */
export const updateIncident: RuleHandler = async (context, { incident, artifact }) => {
  if (artifact !== undefined && isOurArtifact(context, incident.id, artifact)) {
    return "Written by TruSTAR enrichment; nothing to do.";
  }
  await context.gather();
  const view = await IncidentView.read(incident.id, context);
  const account = await context.accounts.forWorkspace(view.incident.workspaceId, context.signal);
  const refusal = await automaticRefusal(context, account, view);
  if (refusal !== undefined) await context.ledger.settleOwed(incident.id);
  if (refusal !== undefined && !account.policy.autoSubmission) return refusal;
  const maySubmit = context.ledger.isOwed(incident.id, account.policy.submissionEnclaveIds);
  const { first, message } = await syncIncident(context, account, view, {
    maySubmit,
    enriches: "with what is new",
  });
  if (first !== undefined) return message;
  // An incident that was sent before its type was excluded is kept up to date; any other stays here.
  return refusal ?? noReportSentence;
};

/** Why this account does not submit the incident by itself; undefined = it does. */
async function automaticRefusal(
  context: ActionContext,
  account: Account,
  view: IncidentView,
): Promise<string | undefined> {
  if (!account.policy.autoSubmission) return offSentence(account);
  const excluded = await excludedType(context, account, view);
  return excluded === undefined ? undefined : excludedSentence(excluded, account);
}

const noReportSentence =
  'Nothing updated: there is no report of this incident in TruSTAR; "Send To TruSTAR" submits it.';

export function isOurArtifact(
  { ledger }: Pick<ActionContext, "ledger">,
  incidentId: number,
  artifact: { readonly id: number; readonly description: string },
): boolean {
  return isCorrelatedArtifact(artifact) || ledger.isOurArtifact(incidentId, artifact.id);
}

function offSentence({ policy }: Account): string {
  return `Nothing sent: auto_submission is off in [${policy.name}]; "Send To TruSTAR" sends the incident.`;
}
