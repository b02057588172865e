export const INDICATOR_TYPES = [
  "IP",
  "CIDR_BLOCK",
  "URL",
  "EMAIL_ADDRESS",
  "MD5",
  "SHA1",
  "SHA256",
  "MALWARE",
  "SOFTWARE",
  "REGISTRY_KEY",
  "CVE",
  "BITCOIN_ADDRESS",
] as const;

export type IndicatorType = (typeof INDICATOR_TYPES)[number];

/** In the shape of `GET /enclaves`; the three flags are the caller's rights. */
export interface Enclave {
  readonly id: string;
  readonly name: string;
  readonly templateName: string;
  readonly workflowSupported: boolean;
  readonly read: boolean;
  readonly create: boolean;
  readonly update: boolean;
  readonly type: string;
}

export interface Credentials {
  readonly key: string;
  readonly secret: string;
}

/** One user of the one simulated company; without `enclaveIds` it sees every enclave. */
export interface Account extends Credentials {
  readonly enclaveIds?: readonly string[];
}

export interface IntelligenceSource {
  readonly key: string;
  readonly name: string;
}

export interface SummaryAttribute {
  readonly name: string;
  readonly value: unknown;
  readonly logicalType?: string;
  readonly description?: string;
}

/** What one intelligence source says; every field but the source may be missing, as at the real service. */
export interface Summary {
  readonly reportId: string;
  readonly enclaveId: string;
  readonly source: IntelligenceSource;
  readonly score?: { readonly name: string; readonly value: string };
  readonly created?: number;
  readonly updated?: number;
  readonly description?: string;
  readonly attributes?: readonly SummaryAttribute[];
  readonly severityLevel?: number;
}

export type NewSummary = Partial<Omit<Summary, "source">> & { readonly source?: string | IntelligenceSource };

export interface IndicatorTag {
  readonly guid: string;
  readonly name: string;
  readonly enclaveId: string;
}

/** Where and when an indicator was seen; metadata adds these up over the enclaves asked for. */
export interface Appearance {
  readonly enclaveId: string;
  readonly sightings: number;
  readonly firstSeen: number;
  readonly lastSeen: number;
}

export type PriorityLevel = "NOT_FOUND" | "LOW" | "MEDIUM" | "HIGH";

export interface KnownIndicator {
  readonly value: string;
  readonly type: IndicatorType;
  readonly appearances: readonly Appearance[];
  readonly tags: readonly IndicatorTag[];
  readonly source: string;
  readonly notes: readonly string[];
  readonly summaries: readonly Summary[];
  readonly priorityLevel: PriorityLevel;
  /** Known from this moment on; submissions are processed with a delay. */
  readonly visibleAt: number;
}

export interface NewIndicator {
  readonly value: string;
  /** Recognised from the value when absent. */
  readonly type?: IndicatorType;
  /** Default: the first enclave that only feeds. */
  readonly enclaveIds?: readonly string[];
  /** In each enclave; default 1. */
  readonly sightings?: number;
  /** Milliseconds since the epoch; default 30 days ago. */
  readonly firstSeen?: number;
  /** Milliseconds since the epoch; default one hour ago. */
  readonly lastSeen?: number;
  readonly tags?: readonly string[];
  readonly source?: string;
  readonly notes?: readonly string[];
  readonly summaries?: readonly NewSummary[];
  /** Short for one summary with this level. */
  readonly severityLevel?: number;
  /** API 1.3 says NOT_FOUND for every indicator; set it to play an older server. */
  readonly priorityLevel?: PriorityLevel;
}

/** Says whether a value is known (`true`, or how it is known) without listing every value. */
export type KnownRule = (value: string) => boolean | Omit<NewIndicator, "value">;
