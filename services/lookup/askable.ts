import { PayloadTooLargeError } from "../../src/core/errors.js";
import type { Submission } from "../../src/core/lookup.js";
import type { Candidate } from "./candidate.js";
import { candidatesOf } from "./candidates.js";
import type { EgressPolicy } from "./egress-policy.js";
import type { LookupObserver } from "./lookup-observer.js";

/** An artifact with more is refused, for it can't be answered truthfully: what was left out would look clean. */
const maxCandidates = 500;

/**
 * What of an artifact TruSTAR may be asked about; none = nothing to ask, which is counted with its reason.
 * Yields where others may have their turn.
 *
 * @throws PayloadTooLargeError more than one answer can be about
 */
export function* askableOf(
  { artifact, file }: Submission,
  { policy, observer }: { readonly policy: EgressPolicy; readonly observer: LookupObserver },
): Generator<void, readonly Candidate[]> {
  const typeReason = policy.keepsType(artifact.type);
  if (typeReason !== undefined) {
    observer.taken("kept_inside");
    observer.kept(typeReason);
    return [];
  }
  const candidates = candidatesOf(artifact, file);
  const askable: Candidate[] = [];
  for (const candidate of candidates) {
    // Thousands of names may be in there, each with a hundred numbers.
    if (candidates.length > maxCandidates) yield;
    const reason = policy.keeps(candidate);
    if (reason === undefined) askable.push(candidate);
    else observer.kept(reason);
    if (askable.length > maxCandidates) {
      throw new PayloadTooLargeError(`value: more than ${maxCandidates} indicators in one artifact`);
    }
  }
  if (askable.length === 0) observer.taken(candidates.length === 0 ? "not_knowable" : "kept_inside");
  return askable;
}
