import type { CorrelatedReport, IndicatorMetadata, IndicatorSummary } from "./indicator.js";

/** The part of pino that services use: a fixed message and fields, never an artifact's value above debug. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/**
 * Where look-ups get their facts; TruSTAR in production. One call asks for many values; what is unknown is left out
 * of the answer. Every method rejects with an UpstreamError or a RateLimitedError when it could not ask.
 */
export interface IndicatorSource {
  metadata(values: readonly string[], signal: AbortSignal): Promise<readonly IndicatorMetadata[]>;
  summaries(values: readonly string[], signal: AbortSignal): Promise<readonly IndicatorSummary[]>;
  /** Fails upstream for URLs and domains: the caller never asks for those. */
  correlatedReports(values: readonly string[], signal: AbortSignal): Promise<readonly CorrelatedReport[]>;
  /** Station's page of a report. */
  reportLink(reportId: string): string;
  /** Station's page of an indicator. */
  indicatorLink(indicatorType: string, value: string): string;
}

/** One thing that must be good before the program is of use. */
export interface ReadinessCheck {
  readonly name: string;
  /** Milliseconds for which a "no" is told again without a new check; for checks that cost somebody something. */
  readonly noStandsMs?: number | undefined;
  /** Resolves to nothing when good, else to a sentence that says what is wrong and what to do. */
  problem(signal: AbortSignal): Promise<string | undefined>;
  /** What an operator should mend although the program is of use; costs nothing. */
  readonly warning?: (() => string | undefined) | undefined;
}

/** Where `^name` secrets are kept: the service is the section (`_` for [resilient]), as res-keyring stores them. */
export interface Keyring {
  /** @returns undefined when there is no such entry. @throws when the keyring itself can't be used. */
  read(service: string, username: string): string | undefined;
}
