import type { JsonObject } from "../../../src/core/action.js";
import type { Report } from "../../../src/core/report.js";
import type { Account } from "../accounts.js";
import type { ActionContext } from "../context.js";
import { IncidentView } from "../incident-view.js";
import type { PublishedReport } from "../publish-report.js";
import { syncIncident } from "../sync-incident.js";
import { ActionError } from "../action-error.js";
import type { FunctionHandler } from "./function-result.js";

export const submitReport: FunctionHandler = async (context, inputs) => {
  const view = await IncidentView.read(inputs.requiredIncidentId(), context);
  const account = await context.accounts.forWorkspace(view.incident.workspaceId, context.signal);
  const { first, message } = await syncIncident(context, account, view, { maySubmit: true, enriches: "no" });
  if (first === undefined) throw new ActionError(message);
  return { message, results: toResults(context, first, await storedReport(context, account, first)) };
};

/** As TruSTAR has it now; undefined while it does not find a report that was just submitted. */
async function storedReport(
  { signal }: ActionContext,
  { reports }: Account,
  { outcome, existing, draft }: PublishedReport,
): Promise<Report | undefined> {
  return outcome === "unchanged" ? existing : reports.find(draft.externalId, signal);
}

function toResults(
  { clock }: ActionContext,
  { id, draft, existing }: PublishedReport,
  stored: Report | undefined,
): JsonObject {
  const known = stored ?? existing;
  const began = draft.timeBeganMs === undefined ? null : new Date(draft.timeBeganMs).toISOString();
  return {
    id,
    title: draft.title,
    reportBody: draft.body,
    externalTrackingId: draft.externalId,
    externalUrl: known?.externalUrl ?? null,
    distributionType: "ENCLAVE",
    enclaveIds: [draft.enclaveId],
    timeBegan: known?.timeBegan ?? began,
    created: known?.createdMs ?? clock.now(),
    updated: stored?.updatedMs ?? clock.now(),
  };
}
