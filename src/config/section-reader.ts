import { closestName } from "./closest-name.js";
import { variableOf } from "./environment-values.js";
import type { RawConfig } from "./read-ini.js";
import { resolveValue, type Resolved, type ValueSources } from "./resolve-values.js";
import { Secret } from "../core/secret.js";

/** What is found while reading; shared by all sections. */
export interface Notes {
  readonly problems: string[];
  readonly warnings: string[];
}

export interface IntegerRange {
  readonly min: number;
  readonly max: number;
  readonly fallback: number;
  /** What is counted, for the message: "milliseconds". */
  readonly unit?: string;
}

/** `user:password@host`, with or without a scheme before it. */
function holdsLogin(text: string): boolean {
  return /:|\/\//.test(text.slice(0, text.lastIndexOf("@") + 1));
}

/** So much of a value is enough to find it in the file. */
const longestShown = 200;

/** Texts that the legacy templates print where a value belongs. */
const templateTexts =
  /^(?:trustar url|list of (?:enclave ids|workspaces)|host ip of server\b.*|certificate file\b.*|\/\/<.*>)$/i;

/**
 * One section while it is being read. Getters never throw: what is wrong is noted, and a stand-in is returned, so that
 * one run finds every fault. Only keys that are asked for are resolved.
 */
export class SectionReader {
  readonly name: string;
  /** Whether the file has this section. */
  readonly exists: boolean;
  readonly #raw: RawConfig;
  readonly #sources: ValueSources;
  readonly #notes: Notes;
  readonly #asked = new Map<string, Resolved | undefined>();
  /** Keys of this section, also those that nobody needed the value of. */
  readonly #known = new Set<string>();

  constructor(name: string, raw: RawConfig, sources: ValueSources, notes: Notes) {
    this.name = name;
    this.exists = raw.sections.has(name);
    this.#raw = raw;
    this.#sources = sources;
    this.#notes = notes;
  }

  /** Keys that have been asked for so far. */
  get askedKeys(): readonly string[] {
    return [...this.#known];
  }

  /** Keys whose value has been needed so far. */
  get neededKeys(): readonly string[] {
    return [...this.#asked.keys()];
  }

  /** Whether the key is there, whatever it says; nothing is resolved. */
  mentions(key: string): boolean {
    this.#known.add(key);
    return this.#written(key) !== undefined;
  }

  /** Whether the key is there and not empty; nothing is resolved. */
  has(key: string): boolean {
    return this.mentions(key) && this.#written(key)?.trim() !== "";
  }

  /** Whether the key says more than the template that it came from; nothing is resolved. */
  isFilled(key: string): boolean {
    return this.has(key) && !templateTexts.test(this.#written(key) ?? "");
  }

  /** The resolved value without blanks around it; undefined when the key is absent, empty or at fault. */
  text(key: string): string | undefined {
    const resolved = this.#resolve(key);
    const text = resolved?.ok === true ? resolved.text.trim() : "";
    return text === "" ? undefined : text;
  }

  /** As `text`, but a password's own blanks stay. */
  secret(key: string): Secret | undefined {
    const resolved = this.#resolve(key);
    return resolved?.ok === true && resolved.text !== "" ? new Secret(resolved.text) : undefined;
  }

  /** A token, of which blanks and line ends around it are never a part. */
  requiredToken(key: string, expected: string): Secret {
    const text = this.text(key);
    if (text === undefined) this.missing(key, expected);
    return new Secret(text ?? "");
  }

  /** Notes that an absent or empty key is needed; a faulty one has its own problem already. */
  missing(key: string, why: string): void {
    if (!this.isFaulty(key)) this.problem(key, `is missing; ${why}`);
  }

  /** Whether the key is there, but what it refers to can't be had. */
  isFaulty(key: string): boolean {
    return this.#resolve(key)?.ok === false;
  }

  integer(key: string, { min, max, fallback, unit }: IntegerRange): number {
    const text = this.text(key);
    if (text === undefined) return fallback;
    const value = /^\+?\d+$/.test(text) ? Number(text) : NaN;
    if (value >= min && value <= max) return value;
    const what = unit === undefined ? "a whole number" : `a whole number of ${unit}`;
    this.problem(key, `must be ${what} from ${min} to ${max}, not ${this.shown(key)}`);
    return fallback;
  }

  /** One of a few words, in any case. */
  word<T extends string>(key: string, words: Readonly<Record<string, T>>, fallback: NoInfer<T>): T {
    const text = this.text(key);
    if (text === undefined) return fallback;
    const found = Object.entries(words).find(([word]) => word.toLowerCase() === text.toLowerCase());
    if (found !== undefined) return found[1];
    this.problem(key, `must be one of ${Object.keys(words).join(", ")}, not ${this.shown(key)}`);
    return fallback;
  }

  /** Comma or line separated; blanks around entries and empty entries are dropped. */
  list(key: string): readonly string[] {
    const entries = (this.text(key) ?? "").split(/[,\r\n]/).map((entry) => entry.trim());
    return [...new Set(entries.filter((entry) => entry !== ""))];
  }

  /** Whether the value stands in the file itself, and did not come from the environment or the keyring. */
  isInClear(key: string): boolean {
    const resolved = this.#resolve(key);
    return resolved?.ok === true && !resolved.secret;
  }

  /** The value, or a part of it, for a message; never one that came from the environment or the keyring. */
  shown(key: string, part?: string): string {
    const resolved = this.#resolve(key);
    if (resolved?.ok !== true || resolved.secret)
      return "the value that came from the environment or the keyring";
    const text = part ?? resolved.text;
    return holdsLogin(text)
      ? "the value here (not repeated: it has a user name or password in it)"
      : JSON.stringify(text.length <= longestShown ? text : `${text.slice(0, longestShown)}…`);
  }

  /** The file that a value names, for a message; what was meant as a secret may have been taken for a path. */
  shownPath(key: string, path: string): string {
    return this.isInClear(key) ? path : "a file (which one came from the environment or the keyring)";
  }

  /** The environment variable that the key's value comes from, if the file does not say it. */
  variable(key: string): string | undefined {
    return variableOf(this.name, key, this.#written(key), this.#sources.env);
  }

  problem(key: string, what: string): void {
    this.#notes.problems.push(`${this.#place(key)} ${what}`);
  }

  warn(key: string, what: string): void {
    this.#notes.warnings.push(`${this.#place(key)} ${what}`);
  }

  #place(key: string): string {
    const variable = this.variable(key);
    return variable === undefined ? `[${this.name}] ${key}` : `environment variable ${variable}`;
  }

  /** Keys of the section itself that have not been asked for. */
  get unknownKeys(): readonly string[] {
    return [...(this.#raw.sections.get(this.name)?.keys() ?? [])].filter((key) => !this.#known.has(key));
  }

  /** To be called when every key has been asked for. */
  warnOfUnknownKeys(): void {
    for (const key of this.unknownKeys) {
      const meant = closestName(key, this.#known);
      this.warn(
        key,
        `isn't a key of this section and is ignored${meant === undefined ? "" : `; did you mean ${meant}?`}`,
      );
    }
  }

  #resolve(key: string): Resolved | undefined {
    this.#known.add(key);
    if (this.#asked.has(key)) return this.#asked.get(key);
    const resolved = this.#resolveOnce(key);
    this.#asked.set(key, resolved);
    if (resolved?.ok === false)
      for (const problem of resolved.problems) this.problem(key, `can't be resolved: ${problem}`);
    return resolved;
  }

  #resolveOnce(key: string): Resolved | undefined {
    const variable = this.variable(key);
    if (variable !== undefined) return { ok: true, text: this.#sources.env[variable] ?? "", secret: false };
    const written = this.#written(key);
    if (written === undefined) return undefined;
    if (!templateTexts.test(written)) return resolveValue(written, this.name, this.#sources, key);
    this.problem(
      key,
      `still has the template's text ${JSON.stringify(written)}; put your own value there or remove the line`,
    );
    return { ok: false, problems: [] };
  }

  #written(key: string): string | undefined {
    const section = this.#raw.sections.get(this.name);
    return section?.get(key) ?? (this.exists ? this.#raw.defaults.get(key) : undefined);
  }
}
