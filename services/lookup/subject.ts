import type { Candidate, CandidateKind } from "./candidate.js";

/** What is asked about: the normalised values of an artifact. Artifacts that come to the same share one look-up. */
export interface Subject {
  /** Says it all: what is kept for long is kept by this text alone. */
  readonly key: string;
  readonly candidates: readonly Candidate[];
}

export function toSubject(candidates: readonly Candidate[]): Subject {
  return { key: candidates.map(({ kind, value }) => `${kind} ${value}`).join("\n"), candidates };
}

/** No kind has a space in it and no value a line break. */
export function candidatesOfKey(key: string): readonly Candidate[] {
  if (key === "") return [];
  return key.split("\n").map((line) => {
    const space = line.indexOf(" ");
    return { kind: line.slice(0, space) as CandidateKind, value: line.slice(space + 1) };
  });
}
