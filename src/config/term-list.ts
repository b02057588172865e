import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { reasonOf } from "../core/error-code.js";
import { expandHome } from "./home-path.js";
import type { SectionReader } from "./section-reader.js";

interface Folders {
  /** The app.config. */
  readonly path: string;
  readonly home: string;
}

/**
 * Terms separated by commas or lines, or the path of a file with one term a line (a term there may hold commas).
 * Messages never show a term: it is what must not be seen.
 */
export function readTerms(section: SectionReader, key: string, folders: Folders): readonly string[] {
  const text = section.text(key);
  if (text === undefined || !/^(?:\/|\.\/|~)/.test(text)) return section.list(key);
  const path = resolve(dirname(folders.path), expandHome(text, folders.home));
  try {
    const lines = new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path)).split(/\r\n?|\n/);
    const terms = [...new Set(lines.map((line) => line.trim()).filter((line) => line !== ""))];
    if (terms.length === 0)
      section.warn(key, `names ${section.shownPath(key, path)}, which holds no term: nothing is redacted`);
    return terms;
  } catch (error) {
    section.problem(
      key,
      `names ${section.shownPath(key, path)}, which can't be read as UTF-8 text (${reasonOf(error)})`,
    );
    return [];
  }
}
