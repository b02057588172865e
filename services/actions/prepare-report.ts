import type { OwnLinks } from "../../src/core/own-links.js";
import type { ActionContext } from "./context.js";
import type { Account } from "./accounts.js";
import type { IncidentView } from "./incident-view.js";
import { refuseByTlp } from "./keep-inside.js";
import { notesToSubmit } from "./notes/notes-to-submit.js";
import { composeReport } from "./report/compose-report.js";
import type { GuardedText } from "./report/leak-guard.js";
import { shortenReport, smallerSize, type ComposedReport, type ReportSize } from "./report/report-layout.js";

/** What may be sent of an incident, at any size. */
export interface PreparedReport {
  readonly timeBeganMs: number | undefined;
  /** Of the whole body, before anything is masked. */
  readonly fullChars: number;
  /** The text at that size, masked as the account demands. */
  text(size: ReportSize): Promise<PreparedText>;
  /** What to try when a size is too large; undefined = nothing can be left out any more. */
  smaller(size: ReportSize, tooManyIndicators: boolean): ReportSize | undefined;
}

export interface PreparedText extends GuardedText {
  readonly omittedArtifacts: number;
  readonly omittedTexts: number;
}

/** @throws ActionError the incident must not leave */
export async function prepareReport(
  context: ActionContext,
  account: Account,
  view: IncidentView,
): Promise<PreparedReport> {
  const { ownLinks, signal } = context;
  await refuseByTlp(context, account, view.incident);
  const composed = await compose(context, account, view);
  const texts = new Map<string, Promise<PreparedText>>();
  return {
    timeBeganMs: composed.timeBeganMs,
    fullChars: composed.body.length,
    text: (size) => {
      const key = `${size.artifacts} ${size.textChars}`;
      const text = texts.get(key) ?? guard(account, ownLinks, shortenReport(composed, size), signal);
      texts.set(key, text);
      return text;
    },
    smaller: (size, tooManyIndicators) => smallerSize(composed, size, tooManyIndicators),
  };
}

async function compose(
  { catalog, ledger, ownLinks, signal }: ActionContext,
  { policy }: Account,
  view: IncidentView,
): Promise<ComposedReport> {
  const sections = policy.contentSections;
  const showsNotes = sections.includes("notes") && view.incident.status === "closed";
  const [artifacts, notes] = await Promise.all([
    sections.includes("artifacts") ? view.artifacts() : [],
    showsNotes ? view.notes() : [],
  ]);
  return composeReport({
    incident: view.incident,
    // What came from TruSTAR must not go back there as a finding of ours.
    artifacts: artifacts.filter((artifact) => !view.isOurs(artifact) && !ownLinks.has(artifact.value)),
    notes: notesToSubmit(notes, {
      withReplies: policy.submitNoteReplies,
      isOurs: (noteId) => ledger.isOurNote(view.id, noteId),
    }),
    labels: catalog,
    sections,
    signal,
  });
}

/** Our own masks first: what they take out doesn't even reach TruSTAR's redaction. */
async function guard(
  { policy, guard: leakGuard, reports }: Account,
  ownLinks: OwnLinks,
  report: ComposedReport,
  signal: AbortSignal,
): Promise<PreparedText> {
  const { omittedArtifacts, omittedTexts } = report;
  const text = { title: ownLinks.cut(report.title), body: ownLinks.cut(report.body) };
  const guarded = { ...leakGuard.apply(text), omittedArtifacts, omittedTexts };
  if (!policy.leakGuard.redactWithTrustar) return guarded;
  const redacted = await reports.redact(guarded.title, guarded.body, signal);
  return { ...guarded, title: redacted.title, body: redacted.body };
}
