import type { SectionLayout } from "./section-layout.js";

export interface ShortenedTexts {
  readonly sections: readonly SectionLayout[];
  /** Fields whose value was left out. */
  readonly omitted: number;
}

/** Shorter ones are not worth the sentence that stands in their place. */
const shortestOmitted = 200;
const instead = "(left out: TruSTAR takes no more in one report)";

/** Where a field of the report begins: its label is set in once, further lines of its value are set in deeper. */
const fieldStart = /\n(?=\t[^\t])/;

/**
 * Leaves the longest values out until those of all sections without artifacts have at most `limit` characters, or only
 * short ones are left. Whole values: one that is cut in two could show half a word that has to be masked.
 */
export function shortenTexts(sections: readonly SectionLayout[], limit: number): ShortenedTexts {
  const lengths = sections
    .flatMap((section) => textsOf(section).flatMap(fieldsOf))
    .map(({ length }) => length);
  let rest = textLength(sections);
  const omitted: number[] = [];
  for (const length of lengths.sort((a, b) => b - a)) {
    if (rest <= limit || length < shortestOmitted) break;
    omitted.push(length);
    rest -= length;
  }
  const left = [...omitted];
  const shorten = (text: string): string =>
    fieldsOf(text)
      .map((field) => {
        const at = left.indexOf(field.length);
        if (at < 0) return field;
        left.splice(at, 1);
        return `${/^\t?[^:\n]*/.exec(field)?.[0] ?? ""}: ${instead}`;
      })
      .join("\n");
  const shortened = sections.map((section) =>
    section.shortens
      ? section
      : { ...section, lines: section.lines.map(shorten), items: section.items.map(shorten) },
  );
  return { sections: shortened, omitted: omitted.length };
}

/** Characters of all that isn't an artifact. */
export function textLength(sections: readonly SectionLayout[]): number {
  return sections.flatMap(textsOf).reduce((sum, { length }) => sum + length, 0);
}

/** Whether anything is long enough to be left out. */
export function hasLongText(sections: readonly SectionLayout[]): boolean {
  return sections
    .flatMap(textsOf)
    .flatMap(fieldsOf)
    .some(({ length }) => length >= shortestOmitted);
}

function textsOf({ shortens, lines, items }: SectionLayout): readonly string[] {
  return shortens ? [] : [...lines, ...items];
}

function fieldsOf(text: string): readonly string[] {
  return text.split(fieldStart);
}
