/** Quotes by what they can close: a word in “…” may hold an apostrophe. */
const quoteFamilies = ['"“”„‟«»', "'‘’‚‛‹›`"] as const;
const anyQuote: ReadonlySet<string> = new Set(quoteFamilies.join(""));

/**
 * The items of a list as people write it: between separators, with or without quotes around each and brackets around
 * all. What stands in quotes is one item, whatever separators are in it.
 */
export function listedItems(written: string, separators: string): readonly string[] {
  const text = withoutBrackets(written.trim());
  const isBetween = (char: string): boolean => separators.includes(char) || char.trim() === "";
  const items: string[] = [];
  let at = 0;
  while (at < text.length) {
    if (isBetween(text.charAt(at))) {
      at += 1;
      continue;
    }
    const end = endOfQuoted(text, at, separators) ?? endOfPlain(text, at, separators);
    const item = unquoted(text.slice(at, end));
    if (item !== "") items.push(item);
    at = end;
  }
  return [...new Set(items)];
}

/** Without the quotes and blanks around it. */
export function unquoted(text: string): string {
  let [start, end] = [0, text.length];
  const isAround = (char: string): boolean => anyQuote.has(char) || char.trim() === "";
  while (start < end && isAround(text.charAt(start))) start += 1;
  while (start < end && isAround(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

/** `['Phishing', 'Malware']`; in `[a] and [b]` each bracket belongs to its word. */
function withoutBrackets(text: string): string {
  const isOne = text.startsWith("[") && text.indexOf("]") === text.length - 1 && text.lastIndexOf("[") === 0;
  return isOne ? text.slice(1, -1) : text;
}

/** Where the item ends that opens with a quote; undefined when its next quote does not end an item. */
function endOfQuoted(text: string, start: number, separators: string): number | undefined {
  const family = quoteFamilies.find((quotes) => quotes.includes(text.charAt(start)));
  if (family === undefined) return undefined;
  let end = start + 1;
  while (end < text.length && !family.includes(text.charAt(end))) end += 1;
  if (end === text.length) return undefined;
  let behind = end + 1;
  while (behind < text.length && /[^\S\r\n]/.test(text.charAt(behind))) behind += 1;
  return behind === text.length || separators.includes(text.charAt(behind)) ? behind : undefined;
}

function endOfPlain(text: string, start: number, separators: string): number {
  let end = start;
  while (end < text.length && !separators.includes(text.charAt(end))) end += 1;
  return end;
}
