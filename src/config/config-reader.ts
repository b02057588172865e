import { closestName } from "./closest-name.js";
import type { RawConfig } from "./read-ini.js";
import type { ValueSources } from "./resolve-values.js";
import { secretStoreSection } from "./secret-store.js";
import { SectionReader, type Notes } from "./section-reader.js";
import type { Keyring } from "../core/ports.js";

/** For the section that says which keyring there is. */
const noKeyring: Keyring = {
  read: () => {
    throw new Error("this section says what opens it");
  },
};

/** A whole app.config while it is being read. */
export class ConfigReader {
  readonly notes: Notes = { problems: [], warnings: [] };
  readonly #raw: RawConfig;
  readonly #sources: ValueSources;
  readonly #sections = new Map<string, SectionReader>();

  constructor(raw: RawConfig, sources: ValueSources) {
    this.#raw = raw;
    this.#sources = sources;
  }

  /** Sections of the file, in its order. */
  get sectionNames(): readonly string[] {
    return [...this.#raw.sections.keys()];
  }

  section(name: string): SectionReader {
    const sources = name === secretStoreSection ? { ...this.#sources, keyring: noKeyring } : this.#sources;
    const reader = this.#sections.get(name) ?? new SectionReader(name, this.#raw, sources, this.notes);
    this.#sections.set(name, reader);
    return reader;
  }

  /** Which keys of which sections have been asked for. */
  askedKeys(): ReadonlyMap<string, readonly string[]> {
    return new Map([...this.#sections].map(([name, section]) => [name, section.askedKeys]));
  }

  /** Values that have been needed, as `section/key`. */
  neededValues(): ReadonlySet<string> {
    const sections = [...this.#sections];
    return new Set(sections.flatMap(([name, { neededKeys }]) => neededKeys.map((key) => `${name}/${key}`)));
  }

  /** To be called when every section has been asked for: a misspelt one would be passed over in silence. */
  warnOfMisspeltSections(): void {
    for (const name of this.#raw.sections.keys()) {
      const meant = this.#sections.has(name)
        ? undefined
        : closestName(name.toLowerCase(), this.#sections.keys());
      if (meant !== undefined)
        this.notes.warnings.push(`section [${name}] is ignored; did you mean [${meant}]?`);
    }
  }
}
