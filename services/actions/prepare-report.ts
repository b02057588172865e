import type { ActionContext } from "./context.js";
import type { Account } from "./accounts.js";
import { ActionError } from "./action-error.js";
import type { IncidentView } from "./incident-view.js";
import { composeReport } from "./report/compose-report.js";
import type { GuardedText } from "./report/leak-guard.js";
import { shortenArtifacts, type ComposedReport } from "./report/report-layout.js";
import { tlpRefusal } from "./report/tlp.js";

/** What may be sent of an incident, at any number of artifacts. */
export interface PreparedReport {
  readonly timeBeganMs: number | undefined;
  readonly artifactCount: number;
  /** The text with its first `keep` artifacts, masked as the account demands. */
  text(keep: number): Promise<GuardedText>;
}

/** @throws ActionError the incident must not leave */
export async function prepareReport(
  context: ActionContext,
  account: Account,
  view: IncidentView,
): Promise<PreparedReport> {
  const { catalog, signal } = context;
  const refusal = await tlpRefusal(view.incident, account.policy.leakGuard, catalog, signal);
  if (refusal !== undefined) throw new ActionError(refusal);
  const composed = await compose(context, account, view);
  const texts = new Map<number, Promise<GuardedText>>();
  return {
    timeBeganMs: composed.timeBeganMs,
    artifactCount: composed.artifactCount,
    text: (keep) => {
      const text = texts.get(keep) ?? guard(account, shortenArtifacts(composed, keep), signal);
      texts.set(keep, text);
      return text;
    },
  };
}

async function compose(
  { catalog, ledger, signal }: ActionContext,
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
    artifacts: artifacts.filter((artifact) => !view.isOurs(artifact)),
    notes: notes.filter((note) => !ledger.isOurNote(view.id, note.id)),
    labels: catalog,
    sections,
    signal,
  });
}

/** Our own masks first: what they take out doesn't even reach TruSTAR's redaction. */
async function guard(
  { policy, guard: leakGuard, reports }: Account,
  report: ComposedReport,
  signal: AbortSignal,
): Promise<GuardedText> {
  const guarded = leakGuard.apply(report);
  if (!policy.leakGuard.redactWithTrustar) return guarded;
  const redacted = await reports.redact(guarded.title, guarded.body, signal);
  return { ...guarded, title: redacted.title, body: redacted.body };
}
