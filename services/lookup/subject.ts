import { createHash } from "node:crypto";
import type { Candidate, CandidateKind } from "../core/candidate.js";

/** What is asked about: the normalised values of an artifact. Artifacts that come to the same share one look-up. */
export interface Subject {
  /** What is kept for long is kept by this text alone: the values, or a digest where they are long. */
  readonly key: string;
  readonly candidates: readonly Candidate[];
}

/** The candidates; of long ones only the key. */
export type AskedAbout = readonly Candidate[] | string;

/**
 * Longer than the values of nearly all artifacts. An artifact's values may have a million characters: thousands of such
 * keys are more than there is memory for, and a map finds texts of more than 16,383 characters by their length alone.
 */
const maxKeyChars = 1_000;
const digestSign = "sha256 ";

export function toSubject(candidates: readonly Candidate[]): Subject {
  const text = candidates.map(({ kind, value }) => `${kind} ${value}`).join("\n");
  return { key: text.length > maxKeyChars ? digestOf(candidates) : text, candidates };
}

/** The same texts on their own: one that was cut out of an artifact keeps the artifact's whole text in memory. */
export function ownCopy(candidates: readonly Candidate[]): readonly Candidate[] {
  return JSON.parse(JSON.stringify(candidates)) as readonly Candidate[];
}

/** No kind has a space in it and no value a line break. @returns undefined when the key only is a digest of them */
export function candidatesOfKey(key: string): readonly Candidate[] | undefined {
  if (key === "") return [];
  if (isDigest(key)) return undefined;
  return key.split("\n").map((line) => {
    const space = line.indexOf(" ");
    return { kind: line.slice(0, space) as CandidateKind, value: line.slice(space + 1) };
  });
}

/** As much of what was asked about as its key tells. */
export function askedAbout(key: string): AskedAbout {
  return candidatesOfKey(key) ?? key;
}

export function isDigest(key: string): boolean {
  return key.startsWith(digestSign);
}

/** Of their JSON, which writes lone surrogates out: in UTF-8 all of those are alike. */
function digestOf(candidates: readonly Candidate[]): string {
  const text = JSON.stringify(candidates.map(({ kind, value }) => [kind, value]));
  return digestSign + createHash("sha256").update(text).digest("base64");
}

/** What waiting for its answer takes for an indicator, its text aside; measured. */
const indicatorBytes = 2_500;

/** What a look-up that waits takes, beyond the few kilobytes that each does: those are bounded by their number. */
export function waitingBytes({ candidates }: Subject): number {
  return candidates.reduce((sum, { value }) => sum + textBytes(value) + indicatorBytes, -indicatorBytes);
}

/** In memory: two bytes for each character as soon as one of them needs two. */
export function textBytes(text: string): number {
  return Buffer.byteLength(text) === text.length ? text.length : 2 * text.length;
}
