import ini from "ini";
import { keyOfCanonical, sectionOfCanonical } from "./canonical-ini.js";
import { defaultSection, translatePythonIni, type IniProblem } from "./python-ini.js";
import { ConfigError } from "../core/errors.js";

export type RawSection = ReadonlyMap<string, string>;

/** An app.config as written: names and texts in file order, nothing resolved. */
export interface RawConfig {
  /** Each section's own keys, lower-cased. */
  readonly sections: ReadonlyMap<string, RawSection>;
  /** The keys of `[DEFAULT]`, which every section inherits. */
  readonly defaults: RawSection;
}

/**
 * Reads the text of an app.config as Python's configparser does.
 * @throws ConfigError with every faulty line
 */
export function readIni(text: string, fileName: string): RawConfig {
  const { canonical, problems } = translatePythonIni(text);
  if (problems.length > 0) throw new ConfigError(problems.map((problem) => inWords(problem, fileName)));
  const sections = new Map<string, RawSection>();
  // `ini` makes booleans and nulls of the texts "true", "false" and "null"; every canonical value is a text.
  const parsed = ini.parse(canonical) as Record<string, Record<string, string | boolean | null>>;
  for (const [name, entries] of Object.entries(parsed)) {
    const texts = Object.entries(entries).map(
      ([key, value]) => [keyOfCanonical(key), String(value)] as const,
    );
    sections.set(sectionOfCanonical(name), new Map(texts));
  }
  const defaults = sections.get(defaultSection) ?? new Map<string, string>();
  sections.delete(defaultSection);
  return { sections, defaults };
}

function inWords(problem: IniProblem, fileName: string): string {
  const where = `${fileName}, line ${problem.line}: `;
  switch (problem.kind) {
    case "no_section_header":
      return `${where}there is no section header before this line; the file has to start with one, such as [resilient]`;
    case "duplicate_section":
      return `${where}section [${problem.section}] is there twice; put all of its keys under one header`;
    case "duplicate_key":
      return `${where}[${problem.section}] ${problem.key} is there twice; keep one of the two`;
    case "no_key_and_value":
      return (
        `${where}expected "key = value" or a [section]; ` +
        `a remark starts with # or ;, and a line that continues a value is indented`
      );
  }
}
