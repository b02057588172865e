/** A report to be stored in exactly one enclave (API 1.3). Times are milliseconds since the epoch. */
export interface ReportDraft {
  readonly title: string;
  readonly body: string;
  /** `RESILIENT<incident id>` in the first enclave, `RESILIENT<id>-<first 8 of the enclave id>` in the others. */
  readonly externalId: string;
  readonly enclaveId: string;
  readonly timeBeganMs: number | undefined;
  /** Its call waits behind those of look-ups: a further try of a report that was too large. */
  readonly afterLookups?: boolean | undefined;
}

/** A report as TruSTAR has it. */
export interface Report {
  readonly id: string;
  readonly title: string;
  readonly body: string;
  readonly externalId: string | undefined;
  readonly externalUrl: string | undefined;
  readonly enclaveIds: readonly string[];
  readonly createdMs: number | undefined;
  readonly updatedMs: number | undefined;
  /** ISO 8601 or milliseconds, as the server gives it. */
  readonly timeBegan: string | number | undefined;
}

/** An indicator by TruSTAR's type and value. */
export interface IndicatorRef {
  readonly type: string;
  readonly value: string;
}

export type ReportProcessing = "processing" | "done" | "failed" | "unknown";

/**
 * One TruSTAR account as the actions use it. Calls go ahead of look-ups in the account's budget. Methods reject with an
 * UpstreamError or a RateLimitedError when TruSTAR could not be asked or refused.
 */
export interface ReportService {
  /** By external id; undefined = there is none (404). */
  find(externalId: string, signal: AbortSignal): Promise<Report | undefined>;
  /**
   * Stores a new report, once: when it may have arrived without an answer, the external id is looked for before it is
   * sent again. A report that turns out to be there already gets the draft's title and body.
   * @returns TruSTAR's id
   * @throws UpstreamError `upstream_too_large`: more indicators or bytes than a report may have
   */
  submit(draft: ReportDraft, signal: AbortSignal): Promise<string>;
  /** Get, merge, put: what the draft does not hold stays as it is in TruSTAR (a null would wipe it). */
  update(report: Report, draft: ReportDraft, signal: AbortSignal): Promise<void>;
  /** By TruSTAR's id. A report that is gone already is no error. */
  remove(reportId: string, signal: AbortSignal): Promise<void>;
  /** Adds tags; present ones are left alone. */
  tag(reportId: string, names: readonly string[], signal: AbortSignal): Promise<void>;
  /** Waits, bounded, until TruSTAR has taken the indicators out of a fresh report. */
  waitUntilProcessed(reportId: string, signal: AbortSignal): Promise<ReportProcessing>;
  /** Indicators that TruSTAR found in the report; empty also while it isn't processed. */
  indicatorsOf(reportId: string, signal: AbortSignal): Promise<readonly IndicatorRef[]>;
  /**
   * Indicators seen together with these in reports of the last 90 days, the asked ones left out, newest page first.
   * @param enclaveIds empty = every enclave the account can read
   * @param limit stop asking when this many are known
   */
  related(
    indicators: readonly IndicatorRef[],
    enclaveIds: readonly string[],
    limit: number,
    signal: AbortSignal,
  ): Promise<readonly IndicatorRef[]>;
  /** @returns what TruSTAR recognised and whitelisted; a value missing from it was not whitelisted */
  whitelist(values: readonly string[], signal: AbortSignal): Promise<readonly IndicatorRef[]>;
  removeFromWhitelist(indicator: IndicatorRef, signal: AbortSignal): Promise<void>;
  /** The company's redaction library applied; nothing is stored. */
  redact(
    title: string,
    body: string,
    signal: AbortSignal,
  ): Promise<{ readonly title: string; readonly body: string }>;
  /** Priority of a value by the same rule as the threat source. */
  priorityOf(
    value: string,
    enclaveIds: readonly string[],
    signal: AbortSignal,
  ): Promise<"NOT_FOUND" | "LOW" | "MEDIUM" | "HIGH">;
  /** Station's page of a report. */
  reportLink(reportId: string): string;
  /** Station's page of an indicator. */
  indicatorLink(indicator: IndicatorRef): string;
}
