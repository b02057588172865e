/** Priority in TruSTAR's words, lowest first. */
export const priorities = ["NOT_FOUND", "LOW", "MEDIUM", "HIGH"] as const;
export type Priority = (typeof priorities)[number];

/** What the enclaves know of one value (POST /indicators/metadata). Times are milliseconds since the epoch. */
export interface IndicatorMetadata {
  readonly value: string;
  /** "" when TruSTAR did not say it readably. */
  readonly indicatorType: string;
  /** Constant NOT_FOUND on today's servers; a live value wins over the summaries. */
  readonly priorityLevel: Priority;
  readonly firstSeenMs: number | undefined;
  readonly lastSeenMs: number | undefined;
  readonly sightings: number | undefined;
  readonly tags: readonly string[];
}

/** What one intelligence source says of one value (POST /indicators/summaries). */
export interface IndicatorSummary {
  readonly value: string;
  /** "" when TruSTAR did not say it readably. */
  readonly reportId: string;
  readonly sourceName: string;
  readonly score: { readonly name: string; readonly value: string } | undefined;
  /** 0 benign, 1 low, 2 medium, 3 high; undefined when the source gives none (or -1, unknown). */
  readonly severityLevel: number | undefined;
  readonly description: string | undefined;
  readonly updatedMs: number | undefined;
}

/** A report that contains the value (GET /reports/correlated). */
export interface CorrelatedReport {
  /** "" when TruSTAR did not say it readably. */
  readonly id: string;
  readonly title: string;
  readonly updatedMs: number | undefined;
  readonly timeBeganMs: number | undefined;
  readonly externalUrl: string | undefined;
}

/**
 * The one rule for the threat source and the workflow function: a live priorityLevel wins; today's servers send none,
 * so it is the highest severityLevel of the summaries (0 benign, 1 LOW, 2 MEDIUM, 3 HIGH).
 */
export function priorityOf(
  metadata: readonly Pick<IndicatorMetadata, "priorityLevel">[],
  summaries: readonly Pick<IndicatorSummary, "severityLevel">[],
): Priority {
  const live = highest(metadata.map((item) => priorities.indexOf(item.priorityLevel)));
  const scored = Math.floor(highest(summaries.map((summary) => summary.severityLevel ?? 0)));
  return priorities[live > 0 ? live : Math.min(scored, priorities.length - 1)] ?? "NOT_FOUND";
}

function highest(numbers: readonly number[]): number {
  return numbers.reduce((max, number) => Math.max(max, number), 0);
}
