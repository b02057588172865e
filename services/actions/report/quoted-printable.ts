import type { Find, Span } from "./masking.js";
import { type Escape, unescapeAt } from "./unescape.js";

/** `=2E` is a dot, and a line that ends with `=` goes on in the next one (RFC 2045, 6.7). */
const encoded = /=(?:([\da-f]{2})|[\t ]{0,8}\r?\n[\t ]{0,16})/gi;
const longestLetter = 12;

/**
 * What URLs and JSON write for signs that are no part of a word: `%22`, also escaped again (`%2522`), `\u0022`, `\n`. It is
 * not rewritten either: in a path `\n` begins a name.
 */
const escaped = /%(?:25){0,8}([\da-f]{2})|\\(?:u([\da-f]{4})|x([\da-f]{2})|([nrt]))/gi;

export function maybeQuotedPrintable(text: string): boolean {
  return text.search(encoded) >= 0;
}

export function maybeEscaped(text: string): boolean {
  return text.search(escaped) >= 0;
}

/** Finds in a text what it would show if it were quoted-printable, as mails are kept. It is not rewritten: `id=20` isn't. */
export function inQuotedPrintable(find: Find, reach: number): Find {
  return inDecoded(find, reach, encoded, quotedLetter);
}

/** Finds in a text what it would show if its escapes of URLs and JSON were read. */
export function inEscaped(find: Find, reach: number): Find {
  return inDecoded(find, reach, escaped, escapedLetter);
}

/** What an encoded letter means; `source` begins with it. */
type ReadLetter = (match: RegExpExecArray, source: string) => Escape;

function inDecoded(find: Find, reach: number, pattern: RegExp, letterAt: ReadLetter): Find {
  return function* (text, from, to) {
    const first = Math.max(0, from - reach);
    const source = text.slice(first, to + reach);
    if (source.search(pattern) < 0) return;
    const { decoded, places } = decode(source, pattern, letterAt);
    const inSource = (position: number): number => first + (places[position] ?? source.length);
    const start = Math.max(
      0,
      places.findIndex((place) => first + place >= from),
    );
    for (const span of find(decoded, start, decoded.length)) {
      const found: Span = { start: inSource(span.start), end: inSource(span.end) };
      if (found.start < to) yield found;
    }
  };
}

/** A letter beyond ASCII is several bytes. */
function quotedLetter({ 0: whole, 1: hex }: RegExpExecArray, source: string): Escape {
  const letter = unescapeAt(source.replaceAll("=", "%"));
  const means = hex === undefined ? "" : String.fromCharCode(Number.parseInt(hex, 16));
  return letter ?? { means, length: whole.length };
}

function escapedLetter([whole, percent, unit, byte]: RegExpExecArray): Escape {
  const hex = percent ?? unit ?? byte;
  const means = hex === undefined ? "\n" : String.fromCharCode(Number.parseInt(hex, 16));
  return { means, length: whole.length };
}

/** @returns for each character of the decoded text where it stands in the source */
function decode(
  source: string,
  pattern: RegExp,
  letterAt: ReadLetter,
): { readonly decoded: string; readonly places: readonly number[] } {
  const pieces: string[] = [];
  const places: number[] = [];
  let position = 0;
  const copy = (end: number): void => {
    pieces.push(source.slice(position, end));
    for (; position < end; position += 1) places.push(position);
  };
  for (const match of source.matchAll(pattern)) {
    const { index } = match;
    if (index < position) continue;
    copy(index);
    const { means, length } = letterAt(match, source.slice(index, index + longestLetter));
    pieces.push(means);
    for (let at = 0; at < means.length; at += 1) places.push(index);
    position = index + length;
  }
  copy(source.length);
  return { decoded: pieces.join(""), places };
}
