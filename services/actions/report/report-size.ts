import { shortenReport, type ComposedReport, type ReportSize } from "./report-layout.js";

/** One size that was tried, and the report that it gave. */
export interface Tried {
  readonly size: ReportSize;
  readonly report: ComposedReport;
}

export interface Refusal {
  /** Of the refused ones the smallest. */
  readonly refused: Tried;
  /** Of those that were taken the largest. */
  readonly taken: Tried | undefined;
  /** TruSTAR spoke of indicators, not of length. */
  readonly tooManyIndicators: boolean;
  /** How often TruSTAR may be asked yet. */
  readonly triesLeft: number;
}

/** For one report, the whole of it included: each refused try costs a call. */
export const maxTries = 10;

/** What is taken must be more than this part of the smallest that is refused. */
const goodPart = 0.62;
/** Kept for going up again, once something was taken. */
const triesUp = 2;

/**
 * What to try after a refusal: less and less, in steps that end at the smallest report before the tries do; once
 * something was taken, what lies between that and what was refused. Undefined: there is nothing more to try.
 */
export function nextSize(refusal: Refusal): ReportSize | undefined {
  if (refusal.triesLeft <= 0) return undefined;
  const { refused, taken, tooManyIndicators } = refusal;
  const canLoseArtifacts = refused.report.artifactCount > (taken?.report.artifactCount ?? 0);
  return tooManyIndicators && canLoseArtifacts ? fewerArtifacts(refusal) : fewerChars(refusal);
}

function fewerArtifacts({ refused, taken, triesLeft }: Refusal): ReportSize | undefined {
  const high = refused.report.artifactCount;
  if (taken === undefined)
    return { ...refused.size, artifacts: Math.floor(high * stepDown(high + 1, 1, triesLeft)) };
  const low = taken.report.artifactCount;
  if (low > goodPart * high || low + 1 >= high) return undefined;
  return { ...refused.size, artifacts: Math.max(low + 1, Math.floor(Math.sqrt(low * high))) };
}

function fewerChars({ refused, taken, triesLeft }: Refusal): ReportSize | undefined {
  const { size, report } = refused;
  const high = report.body.length;
  if (taken === undefined) {
    const low = shortenReport(report, { artifacts: 0, chars: 0 }).body.length;
    if (high <= low) return undefined;
    return { ...size, chars: Math.max(low, Math.floor(high * stepDown(high, low, triesLeft))) };
  }
  if (partOf(taken.report, report) > goodPart) return undefined;
  for (let low = taken.report.body.length; ;) {
    const between = { ...size, chars: Math.ceil(Math.sqrt(low * high)) };
    if (between.chars >= high) return undefined;
    if (shortenReport(report, between).body.length > taken.report.body.length) return between;
    low = between.chars;
  }
}

/** The part that the next try keeps: large reports lose more at once. */
function stepDown(high: number, low: number, triesLeft: number): number {
  return Math.min(goodPart, (low / high) ** (1 / Math.max(1, triesLeft - triesUp)));
}

/** It is not documented whether TruSTAR counts characters or bytes: the lesser part of the two. */
function partOf(one: ComposedReport, whole: ComposedReport): number {
  return Math.min(
    one.body.length / whole.body.length,
    Buffer.byteLength(one.body) / Buffer.byteLength(whole.body),
  );
}
