import type { Account } from "./accounts.js";
import { ActionError } from "./action-error.js";
import { completeSubmission } from "./complete-submission.js";
import type { ActionContext } from "./context.js";
import { enrich, type Enrichment } from "./enrich.js";
import { foreseen } from "./foreseen.js";
import type { IncidentView } from "./incident-view.js";
import { statusSentence, type ActionSummary } from "./notes/status-sentence.js";
import { publishReport, type Publication, type PublishedReport } from "./publish-report.js";

export interface SyncOptions {
  /** False: only reports that are there already are updated. */
  readonly maySubmit: boolean;
  /** Rules enrich, functions don't. An analyst who asks for it has all indicators asked about anew. */
  readonly enriches: "anew" | "with what is new" | "no";
}

export interface SyncResult {
  /** The report in the first submission enclave that has one; none when none is there and none may be submitted. */
  readonly first: PublishedReport | undefined;
  /** What was done, for the analyst. */
  readonly message: string;
}

/**
 * Report up to date in every enclave, tagged and noted; then what TruSTAR knows comes into the incident.
 * @throws ActionError part of it could not be done: the message tells what was and what was not
 */
export async function syncIncident(
  context: ActionContext,
  account: Account,
  view: IncidentView,
  { maySubmit, enriches }: SyncOptions,
): Promise<SyncResult> {
  const publication = await publishReport(context, account, view, { maySubmit });
  const { reports } = publication;
  const [first] = reports;
  // Its notes are made up for without it; left owed, a report that somebody deletes in Station would come back.
  if (first !== undefined && maySubmit && publication.failures.length === 0) {
    await context.ledger.settleOwed(view.id);
  }
  if (first === undefined) return { first, message: "There is no report of this incident in TruSTAR." };
  const failures = [...publication.failures];
  const attempt = async <T>(what: string, step: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await step();
    } catch (error) {
      failures.push(`${what}: ${foreseen(error, context.signal).message}`);
      return undefined;
    }
  };
  const warnings = await attempt("The note on the submission could not be written", () =>
    completeSubmission(context, account, view, reports),
  );
  const isActive = view.incident.status === "active";
  // One that is opened again has all asked about, too: meanwhile it was not kept up to date.
  if (enriches === "anew" || !isActive) context.relations.forget(account, first.id);
  const isWanted = enriches !== "no" && isActive;
  const enrichment = await attempt("Correlated indicators could not be brought in", async () =>
    isWanted ? enrich(context, account, view, first) : undefined,
  );
  const message = [...sentences(publication, enrichment), ...(warnings ?? []), ...failures].join(" ");
  if (failures.length > 0) throw new ActionError(message);
  return { first, message };
}

const unprocessedSentence =
  'TruSTAR has not processed the report yet; run "Send To TruSTAR" in some minutes for correlated indicators.';

function sentences(publication: Publication, enrichment: Enrichment | undefined): readonly string[] {
  const { reports, omittedArtifacts, omittedNotes, omittedTexts, masked } = publication;
  const count = (outcome: PublishedReport["outcome"]): number =>
    reports.filter((report) => report.outcome === outcome).length;
  const summary: ActionSummary = {
    submitted: count("submitted"),
    updated: count("updated"),
    unchanged: count("unchanged"),
    omittedArtifacts,
    omittedNotes,
    omittedTexts,
    masked,
    addedArtifacts: enrichment?.added.length,
    refusedArtifacts: enrichment?.refused,
    enriched: enrichment !== undefined && !enrichment.unprocessed,
  };
  return [statusSentence(summary), ...(enrichment?.unprocessed === true ? [unprocessedSentence] : [])];
}
