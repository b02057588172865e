/** Sections of an incident that a report may hold, by their names in app.config. */
export const contentSections = ["summary", "notes", "breach", "artifacts"] as const;
export type ContentSection = (typeof contentSections)[number];

/** Traffic light protocol, most open first. */
export const tlpLevels = ["WHITE", "GREEN", "AMBER", "RED"] as const;
export type TlpLevel = (typeof tlpLevels)[number];

/** What must not leave in a report, per account. */
export interface LeakGuardPolicy {
  /** Words that are replaced wherever they stand, in any case. */
  readonly redactTerms: readonly string[];
  readonly maskPrivateAddresses: boolean;
  /** Masked with every name below them. */
  readonly ownDomains: readonly string[];
  /** `trustar`: the company's redaction library is applied as well, before anything is stored. */
  readonly redactWithTrustar: boolean;
  /** Incidents above it are not sent at all; RED never is, whatever this says. */
  readonly maxTlp: TlpLevel;
  /** API name of the incident field that holds the TLP (a custom field or a select); undefined = there is none. */
  readonly tlpField: string | undefined;
}

/** One `[trustar_<name>]` section: which incidents go to which TruSTAR account, and how. Never changes. */
export interface AccountPolicy {
  /** The section's name. */
  readonly name: string;
  /** Display names of the workspaces whose incidents use this account. */
  readonly workspaces: readonly string[];
  /** A report each; at least one. */
  readonly submissionEnclaveIds: readonly string[];
  /** Where related indicators are looked for; the submission enclaves when none are configured. */
  readonly queryEnclaveIds: readonly string[];
  readonly autoSubmission: boolean;
  /** In the order in which the report shows them; none = the headline only. */
  readonly contentSections: readonly ContentSection[];
  /** Whether answers to notes go into reports. */
  readonly submitNoteReplies: boolean;
  /** `incident_types_to_exclude` as it is written: incidents of these types get no report. "" = none. */
  readonly excludedIncidentTypes: string;
  readonly tags: readonly string[];
  readonly leakGuard: LeakGuardPolicy;
  /** New artifacts that one enrichment may add. */
  readonly maxCorrelated: number;
}
