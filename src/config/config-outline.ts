import { pythonIniLines, type IniLine } from "./python-ini-lines.js";

/** A section of a file, or one that is commented out together with its header. */
export interface OutlineSection {
  readonly name: string;
  readonly commentedOut: boolean;
  /** Keys that say something, lower-cased. */
  readonly active: ReadonlySet<string>;
  /** Keys of lines that are commented out, lower-cased. */
  readonly commented: ReadonlySet<string>;
  /** Offset in the text right behind the last line of it, before the line end. */
  readonly end: number;
}

interface OpenSection extends OutlineSection {
  readonly active: Set<string>;
  readonly commented: Set<string>;
  end: number;
}

const commentedHeader = /^[#;]+\s*\[([^\]]+)\]$/;
const commentedEntry = /^[#;]+\s*([\w.-]+)\s*[=:]/;

/**
 * What is where in an app.config: for adding to it without touching anything that is there.
 * @param knownKeys what may be a key that is commented out; any other comment is prose
 */
export function outlineOf(text: string, knownKeys: ReadonlySet<string>): readonly OutlineSection[] {
  const outline = new Outline(knownKeys);
  for (const { line, end } of pythonIniLines(text)) outline.take(line, end);
  return outline.sections;
}

class Outline {
  readonly sections: OpenSection[] = [];
  #current: OpenSection | undefined;
  /** Where commented lines belong: to a header that is commented out, until something active follows. */
  #ofComments: OpenSection | undefined;
  readonly #knownKeys: ReadonlySet<string>;

  constructor(knownKeys: ReadonlySet<string>) {
    this.#knownKeys = knownKeys;
  }

  take(line: IniLine, end: number): void {
    switch (line.kind) {
      case "blank":
        return;
      case "comment":
        this.#takeComment(line.text, end);
        return;
      case "header":
        this.#current = this.#open(line.section, false, end);
        break;
      case "entry":
        this.#current?.active.add(line.key);
        break;
      case "continuation":
      case "stray":
    }
    if (this.#current !== undefined) this.#current.end = end;
    this.#ofComments = this.#current;
  }

  #takeComment(text: string, end: number): void {
    const header = commentedHeader.exec(text)?.[1];
    const key = commentedEntry.exec(text)?.[1]?.toLowerCase() ?? "";
    if (header !== undefined) this.#ofComments = this.#open(header, true, end);
    else if (this.#knownKeys.has(key) && this.#ofComments !== undefined) {
      this.#ofComments.commented.add(key);
      this.#ofComments.end = end;
    }
  }

  #open(name: string, commentedOut: boolean, end: number): OpenSection {
    const section = { name, commentedOut, active: new Set<string>(), commented: new Set<string>(), end };
    this.sections.push(section);
    return section;
  }
}
