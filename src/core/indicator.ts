/** Priority in TruSTAR's words, lowest first. */
export const priorities = ["NOT_FOUND", "LOW", "MEDIUM", "HIGH"] as const;
export type Priority = (typeof priorities)[number];

/** What the enclaves know of one value (POST /indicators/metadata). Times are milliseconds since the epoch. */
export interface IndicatorMetadata {
  readonly value: string;
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
  readonly indicatorType: string | undefined;
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
  readonly id: string;
  readonly title: string;
  readonly updatedMs: number | undefined;
  readonly timeBeganMs: number | undefined;
  readonly externalUrl: string | undefined;
}
