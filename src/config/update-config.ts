import { isAccountName } from "./account-name.js";
import { outlineOf, type OutlineSection } from "./config-outline.js";
import type { TemplateKey, TemplateSection } from "./config-template.js";
import { readIni, type RawConfig } from "./read-ini.js";

export interface Addition {
  readonly section: string;
  /** Whether the section itself is new; "commented" when its header is commented out, too. */
  readonly isNew: boolean | "commented";
  readonly keys: readonly string[];
}

export interface ConfigUpdate {
  readonly text: string;
  /** Empty when nothing was missing; then the text is the same. */
  readonly added: readonly Addition[];
}

interface Insertion {
  /** Behind the content of a line, before its line end. */
  readonly offset: number;
  readonly lines: readonly string[];
  readonly addition: Addition;
}

/**
 * Adds the sections and keys of the template that a file lacks. What is there stays as it is to the last byte, and so
 * does what it means: every key is added commented out, and so is a header that would switch something on.
 * @throws ConfigError when the file has faulty lines
 */
export function updateConfig(
  text: string,
  template: readonly TemplateSection[],
  fileName: string,
): ConfigUpdate {
  const raw = readIni(text, fileName);
  const knownKeys = new Set(template.flatMap(({ keys }) => keys.map(({ key }) => key)));
  const outline = outlineOf(text, knownKeys);
  const insertions = template.flatMap((wanted) => {
    const present = counterparts(wanted, outline, raw);
    return present.length === 0
      ? [newSection(wanted, text.length, raw)]
      : present.flatMap((section) => missingKeys(wanted, section));
  });
  return { text: applied(text, insertions), added: insertions.map(({ addition }) => addition) };
}

/** The sections of the file that hold what the template's section holds; of accounts there may be any number. */
function counterparts(
  wanted: TemplateSection,
  outline: readonly OutlineSection[],
  raw: RawConfig,
): readonly OutlineSection[] {
  const isCounterpart = ({ name, active }: OutlineSection): boolean =>
    name === wanted.name ||
    (isAccountName(wanted.name) &&
      isAccountName(name) &&
      (active.has("workspace") || raw.defaults.has("workspace")));
  const active = outline.filter((section) => !section.commentedOut && isCounterpart(section));
  if (active.length > 0) return active;
  return outline.filter(({ commentedOut, name }) => commentedOut && name === wanted.name).slice(0, 1);
}

function missingKeys(wanted: TemplateSection, section: OutlineSection): readonly Insertion[] {
  const missing = wanted.keys.filter(
    ({ key, alias }) => !alias && !section.active.has(key) && !section.commented.has(key),
  );
  if (missing.length === 0) return [];
  const addition = { section: section.name, isNew: false, keys: missing.map(({ key }) => key) };
  return [{ offset: section.end, lines: missing.flatMap(linesOf), addition }];
}

function newSection(wanted: TemplateSection, offset: number, { defaults }: RawConfig): Insertion {
  const { name, keys } = wanted;
  // A header alone can switch something on: the worker, an account, or keys that it inherits.
  const harmless =
    !name.startsWith("trustar") && !keys.some(({ required }) => required) && defaults.size === 0;
  const header = harmless
    ? [`[${name}]`]
    : ["# Not in use: to use this section, take the # from its header, too.", `#[${name}]`];
  const addition = {
    section: name,
    isNew: harmless || ("commented" as const),
    keys: keys.map(({ key }) => key),
  };
  return { offset, lines: [...wanted.lead, ...header, ...keys.flatMap(linesOf)], addition };
}

function linesOf({ remark, commented }: TemplateKey): readonly string[] {
  return [...remark, commented];
}

function applied(text: string, insertions: readonly Insertion[]): string {
  let done = "";
  let from = 0;
  // At the end of a file without a last line end, keys go before sections.
  const inOrder = insertions.toSorted((a, b) => a.offset - b.offset || rank(a) - rank(b));
  for (const { offset, lines, addition } of inOrder) {
    done += text.slice(from, offset);
    from = offset;
    const lineEnd = lineEndAt(text, offset);
    if (addition.isNew === false) done += lines.map((line) => lineEnd + line).join("");
    else done += blankLine(done, lineEnd) + lines.map((line) => line + lineEnd).join("");
  }
  return done + text.slice(from);
}

function rank({ addition }: Insertion): number {
  return addition.isNew === false ? 0 : 1;
}

/** What ends the text before a new section and sets it apart. */
function blankLine(before: string, lineEnd: string): string {
  const ended = /[\r\n]$|^\uFEFF?$/.test(before) ? "" : lineEnd;
  return before.trim() === "" ? ended : ended + lineEnd;
}

/** The line end at an offset; where there is none, the one before it. */
function lineEndAt(text: string, offset: number): string {
  const there = /^(?:\r\n|\r|\n)/.exec(text.slice(offset, offset + 2))?.[0];
  return there ?? text.match(/\r\n|\r|\n/g)?.at(-1) ?? "\n";
}
