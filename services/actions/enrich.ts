import type { IndicatorRef } from "../../src/core/report.js";
import type { Account } from "./accounts.js";
import { addIndicators, type AddedIndicators } from "./add-indicators.js";
import { comparableValue } from "./comparable-value.js";
import type { ActionContext } from "./context.js";
import { awaitIndicators, indicatorsOfStored, type ExtractedIndicators } from "./extracted-indicators.js";
import type { IncidentView } from "./incident-view.js";
import { keepIndicatorsNote } from "./keep-indicators-note.js";
import type { PublishedReport } from "./publish-report.js";
import { withRelated } from "./related.js";

export interface Enrichment extends AddedIndicators {
  /** TruSTAR had not read the report by the time we looked. */
  readonly unprocessed: boolean;
}

/** Brings what TruSTAR has seen together with the report's indicators into the incident, as artifacts and one note. */
export async function enrich(
  context: ActionContext,
  account: Account,
  view: IncidentView,
  report: PublishedReport,
): Promise<Enrichment> {
  const { indicators, unprocessed } = await extractedIndicators(context, account, report);
  const related = await relatedIndicators(context, account, view, indicators);
  const added = await addIndicators(context, view, related);
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
 * The first ones that no analyst has put in. What we added earlier counts among them, so a repeated run finds the same
 * and adds nothing.
 */
async function relatedIndicators(
  { signal, stage }: ActionContext,
  account: Account,
  view: IncidentView,
  indicators: readonly IndicatorRef[],
): Promise<readonly IndicatorRef[]> {
  if (indicators.length === 0 || account.policy.maxCorrelated === 0) return [];
  stage("Looking for correlated indicators in TruSTAR.");
  const artifacts = await view.artifacts();
  const theirs = new Set(
    artifacts.filter((artifact) => !view.isOurs(artifact)).map(({ value }) => comparableValue(value)),
  );
  const related = await withRelated(account, indicators, account.policy.maxCorrelated + theirs.size, signal);
  const seen = new Set(theirs);
  const unseen = related.filter(({ value }) => {
    const key = comparableValue(value);
    return key !== "" && !seen.has(key) && seen.add(key);
  });
  return unseen.slice(0, account.policy.maxCorrelated);
}
