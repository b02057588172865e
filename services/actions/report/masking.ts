export const termMarker = "[redacted]";
export const addressMarker = "[private address]";
export const domainMarker = "[own domain]";
/** What stands in a report where something was masked. */
export const maskMarkers = [termMarker, addressMarker, domainMarker] as const;
const marker = /(\[(?:redacted|private address|own domain)\])/;

export interface MaskResult {
  readonly text: string;
  readonly count: number;
}

/** A dot as it is written, also so that nobody clicks it: `[.]`, `(dot)`, ` [.] `, ` dot `, `\.`, `%2E`; what Unicode takes for one. */
export const dot = String.raw`(?: ?[\[({] ?(?:\.|dot) ?[\])}] ?| dot |\[\.|\.[\])}]|\\\.|%2e|[.\u2024\u3002\ufe52\uff0e\uff61])`;

const anyDot = new RegExp(dot, "giu");

export function plainDots(text: string): string {
  return text.replace(anyDot, ".");
}

/** Masks what stands between the markers of an earlier round: no term or domain can match within one. */
export function outsideMarkers(text: string, mask: (piece: string) => MaskResult): MaskResult {
  let count = 0;
  const pieces = text.split(marker).map((piece, index) => {
    if (index % 2 === 1) return piece;
    const masked = mask(piece);
    count += masked.count;
    return masked.text;
  });
  return count === 0 ? { text, count } : { text: pieces.join(""), count };
}

/** Replaces what `find` says of each match: from where to where in the text, or undefined to leave it. */
export function maskMatches(
  text: string,
  pattern: RegExp,
  marker: string,
  find: (match: RegExpExecArray, floor: number) => Span | undefined,
  /** What is shown of `text` where nothing is masked: as long, position by position. */
  shown = text,
): MaskResult {
  const pieces: string[] = [];
  let floor = 0;
  let count = 0;
  for (const match of text.matchAll(pattern)) {
    const span = find(match, floor);
    if (span === undefined) continue;
    pieces.push(shown.slice(floor, span.start), marker);
    floor = span.end;
    count += 1;
  }
  return count === 0 ? { text: shown, count } : { text: pieces.join("") + shown.slice(floor), count };
}

export interface Span {
  readonly start: number;
  readonly end: number;
}
