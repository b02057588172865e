import type { OwnLinks } from "../core/own-links.js";
import type { ActionContext } from "./context.js";
import type { Account } from "./accounts.js";
import type { IncidentView } from "./incident-view.js";
import { refuseByTlp } from "./keep-inside.js";
import { notesToSubmit } from "./notes/notes-to-submit.js";
import { composeReport } from "./report/compose-report.js";
import { addCounts, nothingMasked, type MaskedCounts } from "./report/leak-guard.js";
import { renderReport, type ComposedReport } from "./report/report-layout.js";
import type { SectionLayout } from "./report/section-layout.js";

/** What may be sent of an incident, at any size. */
export interface PreparedReport {
  readonly timeBeganMs: number | undefined;
  /** All of it, masked as the account demands. */
  readonly whole: ComposedReport;
  readonly masked: MaskedCounts;
  /** Title and body as they are sent: TruSTAR's redaction comes on top where the account wants it. */
  toSend(report: ComposedReport): Promise<ReportText>;
}

export interface ReportText {
  readonly title: string;
  readonly body: string;
}

/** @throws ActionError the incident must not leave */
export async function prepareReport(
  context: ActionContext,
  account: Account,
  view: IncidentView,
): Promise<PreparedReport> {
  const { ownLinks, signal } = context;
  await refuseByTlp(context, account, view.incident);
  const { whole, masked } = await mask(account, ownLinks, await compose(context, account, view));
  const texts = new Map<string, Promise<ReportText>>();
  return {
    timeBeganMs: whole.timeBeganMs,
    whole,
    masked,
    toSend: (report) => {
      // Every enclave of the account gets the same.
      const text = texts.get(report.body) ?? redact(account, report, signal);
      texts.set(report.body, text);
      return text;
    },
  };
}

async function compose(
  { catalog, clock, ledger, ownLinks, signal }: ActionContext,
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
    notes: await notesToSubmit(notes, {
      withReplies: policy.submitNoteReplies,
      isOurs: (noteId) => ledger.isOurNote(view.id, noteId),
    }),
    labels: catalog,
    sections,
    nowMs: clock.now(),
    signal,
  });
}

/**
 * Our own masks come first: what they take out doesn't even reach TruSTAR's redaction. Part by part and before anything
 * is shortened, so that a text that is cut can't end in the middle of what has to be masked.
 */
async function mask(
  { guard }: Account,
  ownLinks: OwnLinks,
  { title, timeBeganMs, layout }: ComposedReport,
): Promise<{ readonly whole: ComposedReport; readonly masked: MaskedCounts }> {
  let masked = nothingMasked;
  const maskText = async (text: string): Promise<string> => {
    const guarded = await guard.apply({ title: "", body: ownLinks.cut(text) });
    masked = addCounts(masked, guarded.masked);
    return guarded.body;
  };
  const maskTexts = async (texts: readonly string[]): Promise<readonly string[]> => {
    const done: string[] = [];
    for (const text of texts) done.push(await maskText(text));
    return done;
  };
  const maskedTitle = await maskText(title);
  const head = await maskText(layout.head);
  const sections: SectionLayout[] = [];
  for (const { name, lines, items, ...section } of layout.sections) {
    const maskedName = await maskText(name);
    sections.push({
      ...section,
      name: maskedName,
      lines: await maskTexts(lines),
      items: await maskTexts(items),
    });
  }
  return { whole: renderReport(maskedTitle, timeBeganMs, { head, sections }), masked };
}

async function redact(
  { policy, reports }: Account,
  { title, body }: ComposedReport,
  signal: AbortSignal,
): Promise<ReportText> {
  return policy.leakGuard.redactWithTrustar ? reports.redact(title, body, signal) : { title, body };
}
