import type { Account } from "./accounts.js";
import type { ActionContext } from "./context.js";
import { foreseen } from "./foreseen.js";
import type { IncidentView } from "./incident-view.js";
import { keepNote, noteOnRecord, ourNote, replaceableNote } from "./note-keeper.js";
import { isOnlySubmission, noteLines } from "./notes/our-note.js";
import { submissionNote } from "./notes/submission-note.js";
import { contentHash } from "./origin-ledger.js";
import type { PublishedReport } from "./publish-report.js";

/**
 * What belongs to a submission beside the report: its tags, and the one note of the incident that links to it. What a
 * crash kept from being done after the report was stored is made up for by the next run.
 * @returns sentences for the analyst on what did not work
 */
export async function completeSubmission(
  context: ActionContext,
  account: Account,
  view: IncidentView,
  reports: readonly PublishedReport[],
): Promise<readonly string[]> {
  const { ledger } = context;
  const html = submissionNote(reports.map(({ id }) => account.reports.reportLink(id)));
  const hash = contentHash(html);
  if (ledger.note(view.id, "submission")?.hash === hash) return [];
  const notes = await view.notes();
  const written = await noteOnRecord(context, view.id, "submission", notes);
  const ours = await ourNote(notes, written, html);
  const said = ours === undefined ? "" : (await noteLines(ours.text)).join("\n");
  const unsaid = reports.filter(
    ({ id }) => !said.includes(id) && !said.includes(account.reports.reportLink(id)),
  );
  if (ours !== undefined && unsaid.length === 0) {
    await ledger.recordNote(view.id, "submission", { noteId: ours.id, hash });
    return [];
  }
  const warnings = await tagReports(context, account, unsaid);
  await keepNote(context, {
    incidentId: view.id,
    kind: "submission",
    html,
    replaces: await replaceableNote(context, view, ours, isOnlySubmission),
  });
  return warnings;
}

async function tagReports(
  { signal, log, stage }: ActionContext,
  { policy, reports }: Account,
  fresh: readonly PublishedReport[],
): Promise<readonly string[]> {
  if (policy.tags.length === 0) return [];
  stage("Tagging the report.");
  const warnings: string[] = [];
  for (const { id, draft } of fresh) {
    try {
      await reports.tag(id, policy.tags, signal);
    } catch (error) {
      const { message } = foreseen(error, signal);
      log.warn({ account: policy.name, reportId: id, reason: message }, "A report could not be tagged");
      warnings.push(`The report in enclave ${draft.enclaveId} could not be tagged: ${message}`);
    }
  }
  return warnings;
}
