import type { Report, ReportDraft } from "../../src/core/report.js";
import type { Account } from "./accounts.js";
import type { ActionContext } from "./context.js";
import { ActionError } from "./action-error.js";
import { excludedSentence, excludedType } from "./excluded-types.js";
import type { ReportPlace } from "./external-id.js";
import { liesIn, locateReports, type LocatedPlace } from "./locate-reports.js";
import { foreseen } from "./foreseen.js";
import type { IncidentView } from "./incident-view.js";
import { prepareReport, type PreparedReport } from "./prepare-report.js";
import type { MaskedCounts } from "./report/leak-guard.js";
import { fullSize, sameReport, shortenReport, type ReportSize } from "./report/report-layout.js";
import { maxTries, nextSize, type Tried } from "./report/report-size.js";

export interface PublishedReport {
  readonly outcome: "submitted" | "updated" | "unchanged";
  /** TruSTAR's id. */
  readonly id: string;
  readonly draft: ReportDraft;
  /** As TruSTAR had it before. */
  readonly existing: Report | undefined;
}

export interface Publication {
  readonly reports: readonly PublishedReport[];
  /** Artifacts, notes and long texts that did not fit, the last perhaps in part. */
  readonly omittedArtifacts: number;
  readonly omittedNotes: number;
  readonly omittedTexts: number;
  readonly masked: MaskedCounts;
  /** Enclaves whose report could not be written, a sentence each. */
  readonly failures: readonly string[];
}

/** What one enclave needs to know. */
interface Publishing {
  readonly context: ActionContext;
  readonly account: Account;
  readonly prepared: PreparedReport;
  readonly maySubmit: boolean;
}

interface Written extends Tried {
  readonly published: PublishedReport;
}

/**
 * Brings the reports of an incident up to date, one in each submission enclave. One enclave that refuses does not
 * keep the report from the others. Of an incident of an excluded type only reports that are there already.
 * @param maySubmit false: only what is there already is updated
 * @throws the failure, when there is nothing else to tell
 */
export async function publishReport(
  context: ActionContext,
  account: Account,
  view: IncidentView,
  { maySubmit }: { readonly maySubmit: boolean },
): Promise<Publication> {
  context.stage("Preparing the report.");
  const prepared = await prepareReport(context, account, view);
  const excluded = maySubmit ? await excludedType(context, account, view) : undefined;
  const publishing = { context, account, prepared, maySubmit: maySubmit && excluded === undefined };
  const written: Written[] = [];
  const failed: { readonly enclaveId: string; readonly error: Error }[] = [];
  const { places } = await locateReports(context, account, view.id);
  for (const place of places) {
    try {
      const one = await publishTo(publishing, place);
      if (one !== undefined) written.push(one);
    } catch (error) {
      failed.push({ enclaveId: place.enclaveId, error: foreseen(error, context.signal) });
    }
  }
  if (written.length === 0 && failed[0] !== undefined) throw failed[0].error;
  if (written.length === 0 && excluded !== undefined)
    throw new ActionError(excludedSentence(excluded, account));
  return {
    reports: written.map(({ published }) => published),
    omittedArtifacts: Math.max(0, ...written.map(({ report }) => report.omittedArtifacts)),
    omittedNotes: Math.max(0, ...written.map(({ report }) => report.omittedNotes)),
    omittedTexts: Math.max(0, ...written.map(({ report }) => report.omittedTexts)),
    masked: prepared.masked,
    failures: failed.map(({ enclaveId, error }) => `Enclave ${enclaveId} failed: ${error.message}`),
  };
}

async function publishTo(publishing: Publishing, place: LocatedPlace): Promise<Written | undefined> {
  const { context, maySubmit } = publishing;
  const existing = await place.find();
  if (existing !== undefined && !liesIn(existing, place.enclaveId)) {
    throw new ActionError(
      `The report ${place.externalId} lies in another enclave (${existing.enclaveIds.join(", ")}); ` +
        "move it back or delete it in TruSTAR Station.",
    );
  }
  if (existing === undefined && !maySubmit) return undefined;
  context.stage(
    existing === undefined ? "Submitting the report to TruSTAR." : "Updating the report in TruSTAR.",
  );
  return writeShortened(publishing, place, existing);
}

/** A report must have lost this much for another try of the whole: every try costs refusals. */
const shorterBy = 0.1;

/** The size that was taken before; all of it when it is not known to be too much, or has become much shorter since. */
function sizeToTry({ context, prepared }: Publishing, place: ReportPlace): ReportSize {
  const taken = context.ledger.reportSize(place);
  if (taken === undefined || prepared.whole.body.length <= (1 - shorterBy) * taken.fullChars) return fullSize;
  return { artifacts: taken.artifacts, chars: taken.chars };
}

/** Writes the report as a whole; while TruSTAR finds it too large, as much of it as TruSTAR takes. */
async function writeShortened(
  publishing: Publishing,
  place: ReportPlace,
  existing: Report | undefined,
): Promise<Written> {
  const { context, account, prepared } = publishing;
  const { timeBeganMs, whole } = prepared;
  const { enclaveId, externalId } = place;
  const wasKnown = context.ledger.reportSize(place) !== undefined;
  let size = sizeToTry(publishing, place);
  let refused: Tried | undefined;
  let refusal = "";
  let taken: Written | undefined;
  for (let triesLeft = maxTries - 1; ; triesLeft -= 1) {
    const tried = { size, report: shortenReport(whole, size) };
    try {
      const text = await prepared.toSend(tried.report);
      const draft = { ...text, enclaveId, externalId, timeBeganMs, ...(refused && { afterLookups: true }) };
      const stored = taken === undefined ? existing : asStored(taken.published);
      const published = await write(context, account, draft, stored);
      const outcome = taken?.published.outcome === "submitted" ? "submitted" : published.outcome;
      taken = { ...tried, published: { ...published, outcome, existing } };
    } catch (error) {
      const { code, message } = foreseen(error, context.signal);
      if (code !== "upstream_too_large" && taken === undefined) throw error;
      // What was taken stands, whatever keeps more of it from being stored.
      if (code !== "upstream_too_large") break;
      refused = tried;
      refusal = message;
    }
    const tooManyIndicators = /indicators/i.test(refusal);
    const next = refused && nextSize({ refused, taken, tooManyIndicators, triesLeft });
    if (next === undefined) break;
    size = next;
  }
  const last = taken ?? refused;
  if (last !== undefined && (refused !== undefined || (wasKnown && last.size === fullSize))) {
    await context.ledger.recordReportSize(place, { ...last.size, fullChars: whole.body.length });
  }
  if (taken !== undefined) return taken;
  throw new ActionError(
    `TruSTAR takes no report of this incident, not even one without artifacts, notes and long texts: ${refusal}`,
  );
}

/** What TruSTAR has after we have written it. */
function asStored({ id, draft, existing }: PublishedReport): Report {
  const { title, body, externalId, enclaveId } = draft;
  const unknown = {
    externalUrl: undefined,
    createdMs: undefined,
    updatedMs: undefined,
    timeBegan: undefined,
  };
  return { ...unknown, ...existing, id, title, body, externalId, enclaveIds: [enclaveId] };
}

async function write(
  { ledger, clock, signal }: ActionContext,
  { reports }: Account,
  draft: ReportDraft,
  existing: Report | undefined,
): Promise<PublishedReport> {
  if (existing === undefined) {
    const id = await reports.submit(draft, signal);
    await ledger.recordSubmitted(draft, { reportId: id, atMs: clock.now() });
    return { outcome: "submitted", id, draft, existing };
  }
  if (sameReport(existing, draft)) return { outcome: "unchanged", id: existing.id, draft, existing };
  await reports.update(existing, draft, signal);
  return { outcome: "updated", id: existing.id, draft, existing };
}
