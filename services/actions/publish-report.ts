import { UpstreamError } from "../../src/core/errors.js";
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
import { nothingMasked, type MaskedCounts } from "./report/leak-guard.js";
import { fullSize, sameReport, type ReportSize } from "./report/report-layout.js";

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
  /** Artifacts, and other values, that did not fit. */
  readonly omittedArtifacts: number;
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

interface Written {
  readonly report: PublishedReport;
  readonly omittedArtifacts: number;
  readonly omittedTexts: number;
  readonly masked: MaskedCounts;
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
    reports: written.map(({ report }) => report),
    omittedArtifacts: Math.max(0, ...written.map(({ omittedArtifacts }) => omittedArtifacts)),
    omittedTexts: Math.max(0, ...written.map(({ omittedTexts }) => omittedTexts)),
    masked: written[0]?.masked ?? nothingMasked,
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
  if (taken === undefined || prepared.fullChars <= (1 - shorterBy) * taken.fullChars) return fullSize;
  return taken;
}

/** Writes the report as a whole; while TruSTAR finds it too large, with less and less in it. */
async function writeShortened(
  publishing: Publishing,
  place: ReportPlace,
  existing: Report | undefined,
): Promise<Written> {
  const { context, account, prepared } = publishing;
  const { ledger } = context;
  const { fullChars } = prepared;
  const { enclaveId, externalId } = place;
  let size = sizeToTry(publishing, place);
  for (;;) {
    try {
      const { title, body, ...facts } = await prepared.text(size);
      const draft = { enclaveId, externalId, title, body, timeBeganMs: prepared.timeBeganMs };
      const report = await write(context, account, draft, existing);
      const isRaised = size === fullSize && ledger.reportSize(place) !== undefined;
      if (isRaised) await ledger.recordReportSize(place, { ...fullSize, fullChars });
      return { ...facts, report };
    } catch (error) {
      if (!(error instanceof UpstreamError) || error.code !== "upstream_too_large") throw error;
      const smaller = prepared.smaller(size, /indicators/i.test(error.message));
      if (smaller === undefined) throw error;
      size = smaller;
      await ledger.recordReportSize(place, { ...size, fullChars });
    }
  }
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
