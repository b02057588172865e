import type { MaskedCounts } from "../report/leak-guard.js";

/** What an action did, in numbers; what is left out or zero isn't spoken of. */
export interface ActionSummary {
  /** Enclaves by what happened to their report. */
  readonly submitted?: number | undefined;
  readonly updated?: number | undefined;
  readonly unchanged?: number | undefined;
  readonly deleted?: number | undefined;
  /** Artifacts and notes that did not fit into the report. */
  readonly omittedArtifacts?: number | undefined;
  readonly omittedNotes?: number | undefined;
  /** Long texts that did not fit, perhaps in part: a description, a note. */
  readonly omittedTexts?: number | undefined;
  /** Correlated indicators: added, and refused by Resilient. */
  readonly addedArtifacts?: number | undefined;
  readonly refusedArtifacts?: number | undefined;
  /** The enrichment ran; said when it found nothing, too. */
  readonly enriched?: boolean | undefined;
  readonly masked?: MaskedCounts | undefined;
}

const leftOut = "left out of the report, TruSTAR takes no more";

/** What was done, in one sentence: the action's status in Resilient. */
export function statusSentence(summary: ActionSummary): string {
  const parts = [
    ...reportParts(summary),
    ...enrichmentParts(summary),
    counted(summary.omittedArtifacts, "artifact", leftOut),
    counted(summary.omittedNotes, "note", leftOut),
    counted(summary.omittedTexts, "long text", leftOut),
    summary.masked === undefined ? undefined : maskedWords(summary.masked),
  ].filter((part) => part !== undefined);
  return asSentence(parts.length === 0 ? "nothing to do" : parts.join("; "));
}

/** `2 terms and 1 private address masked`; undefined when nothing was. */
export function maskedWords({ terms, addresses, domains }: MaskedCounts): string | undefined {
  const kinds = [
    counted(terms, "term"),
    counted(addresses, "private address", "", "private addresses"),
    counted(domains, "own domain"),
  ].filter((kind) => kind !== undefined);
  return kinds.length === 0 ? undefined : `${listed(kinds)} masked`;
}

function reportParts({ submitted, updated, unchanged, deleted }: ActionSummary): readonly string[] {
  return [
    inEnclaves("report submitted to", submitted),
    inEnclaves("report updated in", updated),
    inEnclaves("report already up to date in", unchanged),
    inEnclaves("report deleted from", deleted),
  ].filter((part) => part !== undefined);
}

function enrichmentParts({ addedArtifacts, refusedArtifacts, enriched }: ActionSummary): readonly string[] {
  const added = counted(
    addedArtifacts,
    "new indicator",
    addedArtifacts === 1 ? "added as artifact" : "added as artifacts",
  );
  const refused = counted(refusedArtifacts, "indicator", "refused by Resilient");
  const none = enriched === true && added === undefined ? "no new correlated indicators" : undefined;
  return [added ?? none, refused].filter((part) => part !== undefined);
}

function inEnclaves(what: string, count: number | undefined): string | undefined {
  const enclaves = counted(count, "enclave");
  return enclaves === undefined ? undefined : `${what} ${enclaves}`;
}

function counted(count = 0, one: string, rest = "", many = `${one}s`): string | undefined {
  if (count === 0) return undefined;
  return `${count} ${count === 1 ? one : many} ${rest}`.trimEnd();
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1) ?? ""}`;
}

function asSentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
