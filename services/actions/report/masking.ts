export const termMarker = "[redacted]";
export const addressMarker = "[private address]";
export const domainMarker = "[own domain]";
/** What stands in a report where something was masked. */
export const anyMarker = /\[(?:redacted|private address|own domain)\]/g;

/** From where to where in a text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * What is to be masked and begins from `from` to before `to`: in order, none in another. It may look at the whole text,
 * but looks no further than `farthest` beyond what it finds.
 */
export type Find = (text: string, from: number, to: number) => Iterable<Span>;

/** Longer than anything that is masked in one, but for terms. */
export const farthest = 320;

const bareDot = String.raw`[[({]\s?(?:\.|dot)\s?[\])}]|\[\.|\.[\])}]|\\\.|[.\u2024\u3002\ufe52\uff0e\uff61]`;
/** A dot as it is written, also so that nobody clicks it, and with blanks or a line's end around it. */
export const dot = String.raw`\s{0,8}(?:${bareDot})\s{0,8}|\s{1,8}dot\s{1,8}`;
const dotHere = new RegExp(dot, "iuy");

/**
 * How a dot joins two words: surely as one name (`.`, ` [.] `), most likely (` .`), or perhaps, when a sentence may end
 * there as well (`. `).
 */
export type Joint = "surely" | "likely" | "perhaps";

/** The dot that begins at `start`. */
export function dotAt(
  text: string,
  start: number,
): { readonly joint: Joint; readonly end: number } | undefined {
  dotHere.lastIndex = start;
  const [written] = dotHere.exec(text) ?? [];
  if (written === undefined) return undefined;
  const isBare = written !== "." && written.trim() === ".";
  const joint = !isBare ? "surely" : written.startsWith(".") ? "perhaps" : "likely";
  return { joint, end: start + written.length };
}
