import { UpstreamError } from "../../src/core/errors.js";

/** Half of a surrogate pair: JSON can hold it, a URL can't. */
const halfCharacter = /\p{Cs}/gu;

/** One segment of a URL's path, whatever the text. */
export function pathSegment(text: string): string {
  return encodeURIComponent(text.replace(halfCharacter, "\ufffd"));
}

/**
 * The id of a report in the path of a call. No escape keeps "." and ".." from walking to another place, so they are
 * nobody's id.
 */
export function idSegment(id: string): string {
  if (/^\.{0,2}$/.test(id)) {
    throw new UpstreamError("upstream_invalid_answer", `TruSTAR gave a report the id ${JSON.stringify(id)}`);
  }
  return pathSegment(id);
}
