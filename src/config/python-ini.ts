import { canonicalEntry, canonicalHeader } from "./canonical-ini.js";

/** What is wrong with one line; `line` counts from 1. */
export type IniProblem =
  | { readonly kind: "no_section_header"; readonly line: number }
  | { readonly kind: "duplicate_section"; readonly line: number; readonly section: string }
  | {
      readonly kind: "duplicate_key";
      readonly line: number;
      readonly section: string;
      readonly key: string;
    }
  | { readonly kind: "no_key_and_value"; readonly line: number };

export interface Translation {
  /** For `ini.parse`; meaningless when there are problems. */
  readonly canonical: string;
  readonly problems: readonly IniProblem[];
}

export const defaultSection = "DEFAULT";

/** What Python's `str.isspace` holds for; `String.prototype.trim` differs (U+FEFF, U+0085, U+001C to U+001F). */
const pythonSpaces =
  "\t\n\v\f\r\u001c\u001d\u001e\u001f \u0085\u00a0\u1680" +
  "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000";

/**
 * Translates the dialect of Python 3.11's `configparser.ConfigParser(interpolation=None)`, which wrote and read every
 * existing app.config, to canonical INI. Python stops at the first duplicate or missing header; here all are collected.
 */
export function translatePythonIni(text: string): Translation {
  const translator = new Translator();
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/);
  lines.forEach((line, index) => {
    translator.take(line, index + 1);
  });
  return translator.end();
}

class Translator {
  readonly #out: string[] = [];
  readonly #problems: IniProblem[] = [];
  readonly #sections = new Set<string>();
  readonly #keys = new Map<string, Set<string>>();
  #section: string | undefined;
  #open: { readonly key: string; readonly lines: string[] } | undefined;
  #indent = 0;

  take(line: string, lineNumber: number): void {
    const text = strip(line);
    if (text.startsWith("#") || text.startsWith(";")) return;
    if (text === "") {
      this.#open?.lines.push("");
      return;
    }
    const indent = line.indexOf(text);
    if (this.#open !== undefined && indent > this.#indent) {
      this.#open.lines.push(text);
      return;
    }
    this.#indent = indent;
    // A header ends at the last bracket of its line; what follows is ignored.
    const headerEnd = text.startsWith("[") ? text.lastIndexOf("]") : -1;
    if (headerEnd >= 2) this.#startSection(text.slice(1, headerEnd), lineNumber);
    else this.#startEntry(text, lineNumber);
  }

  end(): Translation {
    this.#closeEntry();
    return { canonical: this.#out.join("\n"), problems: this.#problems };
  }

  #startSection(section: string, line: number): void {
    this.#closeEntry();
    if (this.#sections.has(section) && section !== defaultSection) {
      this.#problems.push({ kind: "duplicate_section", line, section });
    }
    this.#sections.add(section);
    this.#section = section;
    this.#out.push(canonicalHeader(section));
  }

  #startEntry(text: string, line: number): void {
    if (this.#section === undefined) {
      // One remark is enough: all lines before the first header have the same fault.
      if (this.#problems.length === 0) this.#problems.push({ kind: "no_section_header", line });
      return;
    }
    const delimiter = text.search(/[=:]/);
    if (delimiter <= 0) this.#problems.push({ kind: "no_key_and_value", line });
    // Python goes on collecting into the entry before the faulty line.
    if (delimiter < 0) return;
    this.#closeEntry();
    const key = strip(text.slice(0, delimiter)).toLowerCase();
    this.#noteKey(this.#section, key, line);
    if (key !== "") this.#open = { key, lines: [strip(text.slice(delimiter + 1))] };
  }

  #noteKey(section: string, key: string, line: number): void {
    const keys = this.#keys.get(section) ?? new Set();
    this.#keys.set(section, keys);
    if (keys.has(key)) this.#problems.push({ kind: "duplicate_key", line, section, key });
    keys.add(key);
  }

  #closeEntry(): void {
    if (this.#open === undefined) return;
    this.#out.push(canonicalEntry(this.#open.key, stripEnd(this.#open.lines.join("\n"))));
    this.#open = undefined;
  }
}

function strip(text: string): string {
  let start = 0;
  while (start < text.length && pythonSpaces.includes(text.charAt(start))) start++;
  return stripEnd(text.slice(start));
}

function stripEnd(text: string): string {
  let end = text.length;
  while (end > 0 && pythonSpaces.includes(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}
