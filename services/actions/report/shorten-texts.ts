/** Shorter ones are not worth the sentence that stands in their place. */
const shortestCut = 200;
/** Less than this of a text says nothing. */
const leastShown = 40;
const instead = "(left out: TruSTAR takes no more in one report)";
const theRest = `\n\t\t\t... ${instead}`;

/** Where a field of the report begins: its label is set in once, further lines of its value are set in deeper. */
const fieldStart = /\n(?=\t[^\t])/;

export interface ShortenedTexts {
  readonly texts: readonly string[];
  /** How many are not whole. */
  readonly cut: number;
}

/**
 * The same fields with at most `room` characters in all, as far as that goes: the longest are cut, all to the same
 * length. Only of texts in which everything is masked: the end of a piece may be the middle of what has to be.
 */
export function shortenTexts(fields: readonly string[], room: number): ShortenedTexts {
  const limit = longestThatFits(fields, room);
  let cut = 0;
  const texts = fields.map((field) => {
    if (field.length <= limit) return field;
    cut += 1;
    return cutText(field, limit);
  });
  return { texts, cut };
}

/** To which length the fields have to be cut so that they have `room` characters in all. */
function longestThatFits(fields: readonly string[], room: number): number {
  const lengths = fields.map(({ length }) => length).sort((a, b) => a - b);
  let left = room;
  for (const [index, length] of lengths.entries()) {
    const share = Math.floor(left / (lengths.length - index));
    if (length > share) return Math.max(share, shortestCut);
    left -= length;
  }
  return Number.POSITIVE_INFINITY;
}

/**
 * The beginning of a text whose last field is a long one, in whole words, and a sentence for the rest: that sentence
 * alone when next to nothing of the field would be left.
 */
export function cutText(text: string, maxChars: number): string {
  const lastField = text.split(fieldStart).at(-1) ?? "";
  const valueStart = text.length - lastField.length + labelOf(lastField).length;
  let end = Math.min(text.length, maxChars) - theRest.length;
  while (end > valueStart && !mayEndAt(text, end)) end -= 1;
  const shown = text.slice(0, end).trimEnd();
  return shown.length < valueStart + leastShown ? `${text.slice(0, valueStart)} ${instead}` : shown + theRest;
}

/** Never within a word: half a host name is another host. Chinese and Japanese have no blanks to end a word. */
function mayEndAt(text: string, end: number): boolean {
  const [before, after] = [text.charCodeAt(end - 1), text.charCodeAt(end)];
  return isBlank(after) || (isIdeograph(before) && isIdeograph(after));
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x09;
}

function isIdeograph(code: number): boolean {
  return code >= 0x2e80 && code < 0xd800;
}

function labelOf(field: string): string {
  return field.slice(0, field.indexOf(":") + 1);
}
