/** What one line of an app.config is to Python's configparser. */
export type IniLine =
  | { readonly kind: "blank" }
  | { readonly kind: "comment"; readonly text: string }
  /** Goes on with the value of the entry before it. */
  | { readonly kind: "continuation"; readonly text: string }
  | { readonly kind: "header"; readonly section: string }
  /** The key is lower-cased; empty when the line starts with the delimiter. */
  | { readonly kind: "entry"; readonly key: string; readonly value: string }
  /** Neither a header nor an entry. */
  | { readonly kind: "stray" };

export interface PlacedLine {
  readonly line: IniLine;
  /** Counts from 1. */
  readonly number: number;
  /** Offset in the text at which the line ends, before its line end. */
  readonly end: number;
}

/** What Python's `str.isspace` holds for; `String.prototype.trim` differs (U+FEFF, U+0085, U+001C to U+001F). */
const pythonSpaces =
  "\t\n\v\f\r\u001c\u001d\u001e\u001f \u0085\u00a0\u1680" +
  "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000";

/** The lines of a text, as Python 3.11's `configparser.ConfigParser(interpolation=None)` takes them. */
export function* pythonIniLines(text: string): Generator<PlacedLine> {
  const reader = new LineReader();
  let number = 0;
  let start = text.startsWith("\uFEFF") ? 1 : 0;
  for (const lineEnd of [...text.matchAll(/\r\n|\r|\n/g), undefined]) {
    const end = lineEnd?.index ?? text.length;
    yield { line: reader.take(text.slice(start, end)), number: ++number, end };
    start = end + (lineEnd?.[0].length ?? 0);
  }
}

class LineReader {
  #inSection = false;
  #inEntry = false;
  #indent = 0;

  take(line: string): IniLine {
    const text = strip(line);
    if (text.startsWith("#") || text.startsWith(";")) return { kind: "comment", text };
    if (text === "") return { kind: "blank" };
    const indent = line.indexOf(text);
    if (this.#inEntry && indent > this.#indent) return { kind: "continuation", text };
    this.#indent = indent;
    // A header ends at the last bracket of its line; what follows is ignored.
    const headerEnd = text.startsWith("[") ? text.lastIndexOf("]") : -1;
    if (headerEnd < 2) return this.#entry(text);
    this.#inSection = true;
    this.#inEntry = false;
    return { kind: "header", section: text.slice(1, headerEnd) };
  }

  #entry(text: string): IniLine {
    const delimiter = text.search(/[=:]/);
    // Python goes on collecting into the entry before the faulty line.
    if (delimiter < 0) return { kind: "stray" };
    const key = strip(text.slice(0, delimiter)).toLowerCase();
    this.#inEntry = this.#inSection && key !== "";
    return { kind: "entry", key, value: strip(text.slice(delimiter + 1)) };
  }
}

function strip(text: string): string {
  let start = 0;
  while (start < text.length && pythonSpaces.includes(text.charAt(start))) start++;
  return stripEnd(text.slice(start));
}

export function stripEnd(text: string): string {
  let end = text.length;
  while (end > 0 && pythonSpaces.includes(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}
