import type { Clock } from "../../../src/core/time.js";
import type { Limits } from "./limits.js";
import type { Account, Credentials, Enclave, KnownRule, NewIndicator } from "./model.js";

export interface SimulatorSettings {
  readonly credentials?: Credentials;
  /** More users of the same company: own tokens, own per-minute limit, shared daily quota. */
  readonly otherAccounts?: readonly Account[];
  readonly clock?: Clock;
  readonly enclaves?: readonly Enclave[];
  /** Default true. False starts without a single indicator or report. */
  readonly sampleData?: boolean;
  readonly indicators?: readonly NewIndicator[];
  readonly known?: KnownRule;
  readonly limits?: Limits;
  /** Of the simulator's clock; default 20. */
  readonly extractionDelayMs?: number;
  /** Default false: a fresh report answers 404 until it's processed, as the service may do. */
  readonly detailsWhileProcessing?: boolean;
  /** Reports whose status ends as SUBMISSION_FAILURE. */
  readonly extractionFails?: (report: { readonly title: string; readonly reportBody: string }) => boolean;
  /** Default 599,000. */
  readonly tokenLifetimeMs?: number;
  /** Added to every call, as a fault that `faults.clear()` removes. */
  readonly latencyMs?: number;
  readonly faultSeed?: number;
  /** The company's redaction library: term → replacement. */
  readonly redactions?: Readonly<Record<string, string>>;
}

export interface TrustarSimulatorOptions extends SimulatorSettings {
  /** Default 0: any free port. */
  readonly port?: number;
  /** PEM; with it the simulator speaks HTTPS. */
  readonly tls?: { readonly key: string; readonly cert: string };
}
