import { MINUTE_MS } from "../../src/core/time.js";
import type { IndicatorRef, Report } from "../../src/core/report.js";
import type { Account } from "./accounts.js";
import type { ActionContext } from "./context.js";

export interface ExtractedIndicators {
  readonly indicators: readonly IndicatorRef[];
  /** TruSTAR had not read the report by the time we looked. */
  readonly unprocessed: boolean;
}

/** A report that was touched this recently may not be processed yet. */
const freshMs = 10 * MINUTE_MS;

/** Of a report that was just written. */
export async function awaitIndicators(
  { signal, stage }: ActionContext,
  { reports }: Account,
  reportId: string,
): Promise<ExtractedIndicators> {
  stage("Waiting until TruSTAR has processed the report.");
  const status = await reports.waitUntilProcessed(reportId, signal);
  const indicators = await reports.indicatorsOf(reportId, signal);
  return { indicators, unprocessed: status !== "done" && indicators.length === 0 };
}

/** Of a report as it was found. Waiting on one of old would be waiting in vain: TruSTAR forgets the status. */
export async function indicatorsOfStored(
  context: ActionContext,
  account: Account,
  { id, updatedMs, createdMs }: Report,
): Promise<ExtractedIndicators> {
  const indicators = await account.reports.indicatorsOf(id, context.signal);
  const isOld = context.clock.now() - (updatedMs ?? createdMs ?? 0) > freshMs;
  if (indicators.length > 0 || isOld) return { indicators, unprocessed: false };
  return awaitIndicators(context, account, id);
}
