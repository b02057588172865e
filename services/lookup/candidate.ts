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

/** One value to ask about, normalised: equal values are written alike. */
export interface Candidate {
  readonly kind: CandidateKind;
  readonly value: string;
}
