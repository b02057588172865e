import type { Find, Span } from "./masking.js";
import { unescapeAt } from "./unescape.js";

/** `=2E` is a dot, and a line that ends with `=` goes on in the next one (RFC 2045, 6.7). */
const encoded = /=(?:([\da-f]{2})|[\t ]{0,8}\r?\n[\t ]{0,16})/gi;
const longestLetter = 12;

export function maybeQuotedPrintable(text: string): boolean {
  return text.search(encoded) >= 0;
}

/** Finds in a text what it would show if it were quoted-printable, as mails are kept. It is not rewritten: `id=20` isn't. */
export function inQuotedPrintable(find: Find, reach: number): Find {
  return function* (text, from, to) {
    const first = Math.max(0, from - reach);
    const source = text.slice(first, to + reach);
    if (!maybeQuotedPrintable(source)) return;
    const { decoded, places } = decode(source);
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

/** @returns for each character of the decoded text where it stands in the source */
function decode(source: string): { readonly decoded: string; readonly places: readonly number[] } {
  const pieces: string[] = [];
  const places: number[] = [];
  let position = 0;
  const copy = (end: number): void => {
    pieces.push(source.slice(position, end));
    for (; position < end; position += 1) places.push(position);
  };
  for (const { 0: whole, 1: hex, index } of source.matchAll(encoded)) {
    if (index < position) continue;
    copy(index);
    // A letter beyond ASCII is several bytes.
    const letter = unescapeAt(source.slice(index, index + longestLetter).replaceAll("=", "%"));
    const means = letter?.means ?? (hex === undefined ? "" : String.fromCharCode(Number.parseInt(hex, 16)));
    pieces.push(means);
    for (let unit = 0; unit < means.length; unit += 1) places.push(index);
    position = index + (letter?.length ?? whole.length);
  }
  copy(source.length);
  return { decoded: pieces.join(""), places };
}
