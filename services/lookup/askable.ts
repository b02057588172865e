import { PayloadTooLargeError } from "../../src/core/errors.js";
import type { Submission } from "../../src/core/lookup.js";
import type { Candidate } from "../core/candidate.js";
import { findCandidates } from "./candidates.js";
import { comparable } from "../core/indicator-value.js";
import type { EgressPolicy } from "./egress-policy.js";
import type { LookupObserver } from "./lookup-observer.js";

/** An artifact with more is refused, for it can't be answered truthfully: what was left out would look clean. */
const maxCandidates = 500;

export interface AskableOptions {
  readonly policy: EgressPolicy;
  readonly observer: LookupObserver;
  /** Whether a `string` that is no indicator is asked about as it is. */
  readonly plainStrings?: boolean | undefined;
}

/** Each takes some tens of microseconds, long ones more; thousands may be in an artifact. */
const wordsPerTurn = 4;

/**
 * What of an artifact TruSTAR may be asked about; none = nothing to ask, which is counted with its reason.
 * Yields where others may have their turn.
 *
 * @throws PayloadTooLargeError more than one answer can be about
 */
export function* askableOf(
  { artifact, file }: Submission,
  { policy, observer, plainStrings }: AskableOptions,
): Generator<void, readonly Candidate[]> {
  const noteNotAsked = (why: "kept_inside" | "not_knowable"): void => {
    observer.taken(why);
    observer.notAsked(artifact.type, why);
  };
  const typeReason = policy.keepsType(artifact.type);
  if (typeReason !== undefined) {
    observer.kept(typeReason);
    noteNotAsked("kept_inside");
    return [];
  }
  const askable = new Map<string, Candidate>();
  const seen = new Set<string>();
  /** Spellings of one are one; not counted before there are many. */
  let indicators: Set<string> | undefined;
  let words = 0;
  for (const candidate of findCandidates(artifact, file, plainStrings)) {
    words += 1;
    if (words % wordsPerTurn === 0) yield;
    if (candidate === undefined || seen.has(candidate.value)) continue;
    seen.add(candidate.value);
    const reason = policy.keeps(candidate);
    if (reason !== undefined) observer.kept(reason);
    const asked = reason === undefined ? [candidate] : policy.askablePart(candidate);
    for (const one of asked) {
      askable.set(one.value, askable.get(one.value) ?? one);
      indicators?.add(comparable(one.value));
    }
    if (askable.size <= maxCandidates) continue;
    indicators ??= new Set([...askable.keys()].map(comparable));
    if (indicators.size > maxCandidates) {
      throw new PayloadTooLargeError(`value: more than ${maxCandidates} indicators in one artifact`);
    }
  }
  if (askable.size === 0) noteNotAsked(seen.size === 0 ? "not_knowable" : "kept_inside");
  return [...askable.values()];
}

const samples = [
  ["net.ip", "203.0.113.7"],
  ["net.ip", "2001:db8::7"],
  ["net.name", "a.b.example"],
  ["net.uri", "hxxp://a[.]example/x?y=%40&z=1"],
  ["hash.md5", "0123456789abcdef0123456789abcdef"],
  ["email.header.sender_address", "A <a=b@a.example>"],
  ["email.header", "Received: from a.example (203.0.113.7)"],
  ["file.name", "a b.exe"],
  ["threat.report.cve", "CVE-2021-44228"],
  ["string", "a text"],
] as const;

/**
 * Reads a value of each kind before the first artifact comes. V8 compiles patterns when they are used for the first and
 * for the second time: some 15 ms, of the 60 ms that the slowest of a first burst waited.
 */
export function warmUp(policy: EgressPolicy): void {
  const nothing = (): void => undefined;
  const observer = { taken: nothing, kept: nothing, notAsked: nothing, ended: nothing };
  for (const [type, value] of [...samples, ...samples]) {
    const reading = askableOf({ artifact: { type, value }, sourceText: "" }, { policy, observer });
    while (reading.next().done !== true);
  }
}
