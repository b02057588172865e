import type { IndicatorRef } from "../../src/core/report.js";
import type { Account } from "./accounts.js";
import { addIndicators, type AddedIndicators } from "./add-indicators.js";
import { comparable } from "../core/indicator-value.js";
import type { ActionContext } from "./context.js";
import { awaitIndicators, indicatorsOfStored, type ExtractedIndicators } from "./extracted-indicators.js";
import type { IncidentView } from "./incident-view.js";
import { keepIndicatorsNote } from "./keep-indicators-note.js";
import { contentHash } from "./origin-ledger.js";
import type { PublishedReport } from "./publish-report.js";
import { askForNew, type Relations } from "./related.js";

export interface Enrichment extends AddedIndicators {
  /** TruSTAR had not read the report by the time we looked. */
  readonly unprocessed: boolean;
}

/**
 * Brings what TruSTAR has seen together with the report's indicators into the incident, as artifacts and one note.
 * TruSTAR is asked about those that it was not asked about in the last hour; of a report that is as it was then, about
 * none.
 */
export async function enrich(
  context: ActionContext,
  account: Account,
  view: IncidentView,
  report: PublishedReport,
): Promise<Enrichment> {
  const { relations, clock } = context;
  const { id, outcome, draft } = report;
  const known = relations.get(account, id, clock.now());
  const text = contentHash(draft.title, draft.body);
  const isAsBefore = outcome === "unchanged" && known.ofText === text;
  const { indicators, unprocessed } = isAsBefore
    ? { indicators: [], unprocessed: false }
    : await extractedIndicators(context, account, report);
  const { unseen, ...now } = await relatedIndicators(context, account, view, known, indicators);
  relations.set(account, id, { ...now, ofText: unprocessed ? undefined : text });
  const added = await addIndicators(context, view, unseen);
  await keepIndicatorsNote(context, account, view, added.added);
  return { ...added, unprocessed };
}

function extractedIndicators(
  context: ActionContext,
  account: Account,
  { id, outcome, existing }: PublishedReport,
): Promise<ExtractedIndicators> {
  return outcome === "unchanged" && existing !== undefined
    ? indicatorsOfStored(context, account, existing)
    : awaitIndicators(context, account, id);
}

/**
 * What is related to the report's indicators, and of that the first ones that no analyst has put in. What we added
 * earlier counts among them, so a repeated run finds the same and adds nothing.
 */
async function relatedIndicators(
  { signal, stage }: ActionContext,
  account: Account,
  view: IncidentView,
  known: Relations,
  indicators: readonly IndicatorRef[],
): Promise<Relations & { readonly unseen: readonly IndicatorRef[] }> {
  const { maxCorrelated } = account.policy;
  const isNothing = indicators.length === 0 && known.related.length === 0;
  if (isNothing || maxCorrelated === 0) return { ...known, unseen: [] };
  const artifacts = await view.artifacts();
  const theirs = new Set(
    artifacts.filter((artifact) => !view.isOurs(artifact)).map(({ value }) => comparable(value)),
  );
  const before = unseenOf(known.related, theirs);
  if (before.length >= maxCorrelated) return { ...known, unseen: before.slice(0, maxCorrelated) };
  stage("Looking for correlated indicators in TruSTAR.");
  const now = await askForNew(account, known, indicators, maxCorrelated + theirs.size, signal);
  return { ...now, unseen: unseenOf(now.related, theirs).slice(0, maxCorrelated) };
}

/** Those of which no analyst has put the value in, each value once. */
function unseenOf(related: readonly IndicatorRef[], theirs: ReadonlySet<string>): readonly IndicatorRef[] {
  const seen = new Set(theirs);
  return related.filter(({ value }) => {
    const key = comparable(value);
    return key !== "" && !seen.has(key) && seen.add(key);
  });
}
