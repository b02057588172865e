import type { SectionLayout } from "./section-layout.js";
import { cutText, shortenTexts } from "./shorten-texts.js";

/** A report's text before it is put together, so that it can be shortened by whole artifacts, notes and texts. */
export interface ReportLayout {
  readonly head: string;
  readonly sections: readonly SectionLayout[];
}

export interface ComposedReport {
  readonly title: string;
  readonly body: string;
  readonly timeBeganMs: number | undefined;
  /** Artifacts that the body holds. */
  readonly artifactCount: number;
  /** What was left out, or of texts cut, to make it smaller. */
  readonly omittedArtifacts: number;
  readonly omittedNotes: number;
  readonly omittedTexts: number;
  readonly layout: ReportLayout;
}

/** How much of an incident a report holds, at most. */
export interface ReportSize {
  readonly artifacts: number;
  /** Of the whole body. */
  readonly chars: number;
}

export const fullSize: ReportSize = {
  artifacts: Number.POSITIVE_INFINITY,
  chars: Number.POSITIVE_INFINITY,
};

/** With less than this of its room used, a report shows part of the first note that has no room as a whole. */
const wellFilled = 0.7;

export function renderReport(
  title: string,
  timeBeganMs: number | undefined,
  layout: ReportLayout,
  size = fullSize,
): ComposedReport {
  const { head, sections: whole } = layout;
  const { sections: emptied, omittedTexts } = withoutItems(layout, size.chars);
  const withArtifacts = fill(
    whole,
    emptied,
    "artifact",
    size.artifacts,
    size.chars - bodyLength(head, emptied),
  );
  const room = size.chars - bodyLength(head, withArtifacts);
  const withNotes = fill(whole, withArtifacts, "note", Number.POSITIVE_INFINITY, room);
  const isThin = bodyLength(head, withNotes) < wellFilled * size.chars;
  const withPart = isThin
    ? withPartOfNote(whole, withNotes, size.chars - bodyLength(head, withNotes))
    : undefined;
  const sections = withPart ?? withNotes;
  return {
    title,
    body: `${[head, ...sections.map(renderSection)].join("\n\n")}\n`,
    timeBeganMs,
    artifactCount: sumOf(sections, (one) => (one.itemName === "artifact" ? one.items.length : 0)),
    omittedArtifacts: sumOf(sections, (one) => (one.itemName === "artifact" ? one.omitted : 0)),
    omittedNotes: sumOf(sections, (one) => (one.itemName === "note" ? one.omitted : 0)),
    omittedTexts: omittedTexts + (withPart === undefined ? 0 : 1),
    layout,
  };
}

/**
 * The fullest report of that size, for a TruSTAR that refused it (413); what can't be left out may be more. Notes that
 * have no room are left out first, then artifacts, and only when there is none of either the texts are cut. A longer
 * size never gives a shorter report. What stays, stays in the same words.
 */
export function shortenReport(report: ComposedReport, size: ReportSize): ComposedReport {
  return renderReport(report.title, report.timeBeganMs, report.layout, size);
}

/** A section with those items that have room. */
interface FilledSection extends SectionLayout {
  readonly omitted: number;
}

function withoutItems(
  { head, sections }: ReportLayout,
  chars: number,
): { readonly sections: readonly FilledSection[]; readonly omittedTexts: number } {
  const emptied = sections.map((section) => ({ ...section, items: [], omitted: section.items.length }));
  const tooMuch = bodyLength(head, emptied) - chars;
  if (tooMuch <= 0) return { sections: emptied, omittedTexts: 0 };
  const lines = emptied.flatMap((section) => section.lines);
  const { texts, cut } = shortenTexts(lines, sumOf(lines, ({ length }) => length) - tooMuch);
  const left = [...texts];
  return {
    sections: emptied.map((section) => ({ ...section, lines: left.splice(0, section.lines.length) })),
    omittedTexts: cut,
  };
}

/** Takes each item in turn that still has room; `most` of them at most. */
function fill(
  whole: readonly SectionLayout[],
  sections: readonly FilledSection[],
  name: SectionLayout["itemName"],
  most: number,
  room: number,
): readonly FilledSection[] {
  return sections.map((section, index) => {
    const all = whole[index]?.items ?? [];
    if (section.itemName !== name || all.length === 0) return section;
    const full = { ...section, items: all, omitted: 0 };
    if (all.length <= most && sectionLength(full) - sectionLength(section) <= room) return full;
    let left = room;
    const items: string[] = [];
    for (const item of all) {
      const chars = item.length + gap.length;
      if (chars > left || items.length >= most) continue;
      items.push(item);
      left -= chars;
    }
    return { ...section, items, omitted: all.length - items.length };
  });
}

/** With part of the first note that was left out; undefined when there is none, or no room. */
function withPartOfNote(
  whole: readonly SectionLayout[],
  sections: readonly FilledSection[],
  room: number,
): readonly FilledSection[] | undefined {
  const index = sections.findIndex(({ itemName, omitted }) => itemName === "note" && omitted > 0);
  const section = sections[index];
  const all = whole[index]?.items ?? [];
  const at = all.findIndex((item, place) => section?.items[place] !== item);
  if (section === undefined) return undefined;
  const part = cutText(all[at] ?? "", room - gap.length);
  if (part.length > room - gap.length) return undefined;
  const items = [...section.items.slice(0, at), part, ...section.items.slice(at)];
  return sections.with(index, { ...section, items, omitted: section.omitted - 1 });
}

/** Between paragraphs. */
const gap = "\n\n";

function renderSection(section: FilledSection): string {
  const { name, lines, items } = section;
  return [[name, ...lines].join("\n"), ...items, ...omissionLines(section)].join(gap);
}

/** As long as the section is when rendered. */
function sectionLength(section: FilledSection): number {
  const { name, lines, items } = section;
  const paragraphs = [...items, ...omissionLines(section)];
  return (
    name.length +
    sumOf(lines, ({ length }) => length + 1) +
    sumOf(paragraphs, ({ length }) => length + gap.length)
  );
}

function bodyLength(head: string, sections: readonly FilledSection[]): number {
  return head.length + 1 + sumOf(sections, (section) => sectionLength(section) + gap.length);
}

function omissionLines({ omitted, itemName }: FilledSection): readonly string[] {
  if (omitted === 0 || itemName === undefined) return [];
  const what = omitted === 1 ? `1 more ${itemName} was` : `${omitted} more ${itemName}s were`;
  const reason =
    itemName === "artifact"
      ? "TruSTAR takes no more indicators in one report"
      : "TruSTAR takes no more in one report";
  return [`\t... and ${what} left out: ${reason}.`];
}

function sumOf<T>(all: readonly T[], of: (one: T) => number): number {
  return all.reduce((sum, one) => sum + of(one), 0);
}

/** Whether TruSTAR has this text already; ends of lines and of the text don't count, servers rewrite them. */
export function sameReport(
  existing: { readonly title: string; readonly body: string },
  draft: { readonly title: string; readonly body: string },
): boolean {
  return (
    normalise(existing.title) === normalise(draft.title) && normalise(existing.body) === normalise(draft.body)
  );
}

function normalise(text: string): string {
  return text
    .split(/\r\n|\r|\n/)
    .map((line) => line.trimEnd())
    .join("\n")
    .trimEnd();
}
