import { canonicalEntry, canonicalHeader } from "./canonical-ini.js";
import { pythonIniLines, stripEnd, type IniLine } from "./python-ini-lines.js";

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

/**
 * Translates the dialect of Python 3.11's `configparser.ConfigParser(interpolation=None)`, which wrote and read every
 * existing app.config, to canonical INI. Python stops at the first duplicate or missing header; here all are collected.
 */
export function translatePythonIni(text: string): Translation {
  const translator = new Translator();
  for (const { line, number } of pythonIniLines(text)) translator.take(line, number);
  return translator.end();
}

class Translator {
  readonly #out: string[] = [];
  readonly #problems: IniProblem[] = [];
  readonly #sections = new Set<string>();
  readonly #keys = new Map<string, Set<string>>();
  #section: string | undefined;
  #open: { readonly key: string; readonly lines: string[] } | undefined;

  take(line: IniLine, number: number): void {
    switch (line.kind) {
      case "comment":
        return;
      case "blank":
        this.#open?.lines.push("");
        return;
      case "continuation":
        this.#open?.lines.push(line.text);
        return;
      case "header":
        this.#startSection(line.section, number);
        return;
      case "entry":
      case "stray":
        this.#startEntry(line, number);
    }
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

  #startEntry(entry: Extract<IniLine, { kind: "entry" | "stray" }>, line: number): void {
    if (this.#section === undefined) {
      // One remark is enough: all lines before the first header have the same fault.
      if (this.#problems.length === 0) this.#problems.push({ kind: "no_section_header", line });
      return;
    }
    if (entry.kind === "stray" || entry.key === "") this.#problems.push({ kind: "no_key_and_value", line });
    if (entry.kind === "stray") return;
    this.#closeEntry();
    this.#noteKey(this.#section, entry.key, line);
    if (entry.key !== "") this.#open = { key: entry.key, lines: [entry.value] };
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
