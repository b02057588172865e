/** The kinds of value that TruSTAR can know, in its own words. Host names are kept there as URL. */
export const candidateKinds = [
  "IP",
  "CIDR_BLOCK",
  "URL",
  "DOMAIN",
  "EMAIL_ADDRESS",
  "HASH",
  "CVE",
  "MALWARE",
  "SOFTWARE",
  "REGISTRY_KEY",
  "BITCOIN_ADDRESS",
] as const;
export type CandidateKind = (typeof candidateKinds)[number];

/** One value to ask about. */
export interface Candidate {
  readonly kind: CandidateKind;
  readonly value: string;
}

/**
 * Longer than any indicator: what is longer is text. Every reader checks it, or a smaller bound of its own, before any
 * pattern or parser sees the text, for some of these take far more than twice the time for twice the length.
 */
export const maxValueChars = 4_096;
