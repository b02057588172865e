import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { reasonOf } from "../core/error-code.js";
import { listedItems, unquoted } from "../core/listed-items.js";
import { expandHome } from "./home-path.js";
import type { SectionReader } from "./section-reader.js";

interface Folders {
  /** The app.config. */
  readonly path: string;
  readonly home: string;
}

/** `/x`, `./x`, `../x`, `~`, a drive, `\\server`: meant as a file, so a missing one is an error. */
const pathStart = /^(?:\.{0,2}\/|\.{1,2}\\|~|[a-z]:[\\/]|\\\\)/i;
/** Nobody's term, and so probably a file that is somewhere else. */
const fileNameEnd = /\.(?:txt|text|csv|tsv|lst|list|dat|conf|cfg|ini|json|ya?ml|md|xlsx?)$/i;

/**
 * Terms separated by commas, semicolons or lines, with or without quotes, or the path of a file with one term a line (a
 * term there may hold commas). Messages never show a term: it is what must not be seen.
 */
export function readTerms(section: SectionReader, key: string, folders: Folders): readonly string[] {
  const text = section.text(key);
  if (text === undefined) return [];
  const whole = unquoted(text);
  const items = isFile(pathOf(whole, folders)) ? [whole] : listedItems(text, ",;\r\n");
  const namesFiles = pathStart.test(whole);
  const terms = items.flatMap((item) => {
    const path = pathOf(item, folders);
    const isPath = pathStart.test(item);
    const looksLikeFile = isPath || fileNameEnd.test(item);
    if ((namesFiles && isPath) || ((item === whole || looksLikeFile) && isFile(path))) {
      return readTermFile(section, key, path);
    }
    if (looksLikeFile) {
      section.warn(
        key,
        `has a term that looks like a file's name, but there is no such file in ${dirname(folders.path)}: it is ` +
          "masked as a word; to name a file, put its whole path there",
      );
    }
    return [item];
  });
  if (items.length === 0) section.warn(key, "holds no term: nothing is redacted");
  return [...new Set(terms)];
}

function readTermFile(section: SectionReader, key: string, path: string): readonly string[] {
  try {
    const lines = new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path)).split(/\r\n?|\n/);
    const terms = lines.map(unquoted).filter((line) => line !== "");
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

/** Relative to the app.config. */
function pathOf(name: string, { path, home }: Folders): string {
  return resolve(dirname(path), expandHome(name, home));
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false; // a term that can't be a file's name ends here, too
  }
}
