import type { CorrelatedReport, IndicatorMetadata, IndicatorSummary } from "./indicator.js";
import type { Secret } from "./secret.js";

/** The part of pino that services use: a fixed message and fields, never an artifact's value above debug. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What has been read of an answer in pages. Handed in again after a failure, reading goes on behind it. */
export interface PagesRead {
  next: number;
  readonly items: unknown[];
}

/**
 * Where look-ups get their facts; TruSTAR in production. One call asks for many values; what is unknown is left out
 * of the answer. Every method rejects with an UpstreamError or a RateLimitedError when it could not ask.
 */
export interface IndicatorSource {
  metadata(values: readonly string[], signal: AbortSignal): Promise<readonly IndicatorMetadata[]>;
  summaries(
    values: readonly string[],
    signal: AbortSignal,
    read?: PagesRead,
  ): Promise<readonly IndicatorSummary[]>;
  /** Fails upstream for URLs and domains: the caller never asks for those. */
  correlatedReports(
    values: readonly string[],
    signal: AbortSignal,
    read?: PagesRead,
  ): Promise<readonly CorrelatedReport[]>;
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
  /** What messages call it, if it is another than the operating system's: "the secret file /srv/a.secrets". */
  readonly place?: string;
  /** @returns undefined when there is no such entry. @throws when the keyring itself can't be used. */
  read(service: string, username: string): string | undefined;
}

/** A keyring that an administrator fills. */
export interface SecretStore extends Keyring {
  /** Stores the secret, also in place of another. @throws when the keyring itself can't be used. */
  write(service: string, username: string, secret: Secret): void;
}
