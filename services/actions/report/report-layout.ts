import type { SectionLayout } from "./section-layout.js";
import { hasLongText, shortenTexts, textLength } from "./shorten-texts.js";

/** A report's text before it is put together, so that it can be shortened by whole artifacts and values. */
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
  /** Artifacts, and other values, left out to make it smaller. */
  readonly omittedArtifacts: number;
  readonly omittedTexts: number;
  readonly layout: ReportLayout;
}

/** How much of an incident a report holds. */
export interface ReportSize {
  readonly artifacts: number;
  /** Characters of everything else. */
  readonly textChars: number;
}

export const fullSize: ReportSize = {
  artifacts: Number.POSITIVE_INFINITY,
  textChars: Number.POSITIVE_INFINITY,
};

export function renderReport(
  title: string,
  timeBeganMs: number | undefined,
  layout: ReportLayout,
  { artifacts, textChars } = fullSize,
): ComposedReport {
  const all = artifactCount(layout);
  const kept = Math.min(all, Math.max(0, Math.trunc(artifacts)));
  const { sections, omitted } = shortenTexts(layout.sections, textChars);
  const paragraphs = [layout.head, ...sections.map((section) => renderSection(section, kept))];
  return {
    title,
    body: `${paragraphs.join("\n\n")}\n`,
    timeBeganMs,
    artifactCount: kept,
    omittedArtifacts: all - kept,
    omittedTexts: omitted,
    layout,
  };
}

/**
 * The same report made smaller, for a TruSTAR that refused it (413): with its first artifacts and without its longest
 * texts. What stays, stays in the same words. The limits are the server's (500 and 2,000 indicators are both
 * documented), so no number is promised.
 */
export function shortenReport(report: ComposedReport, size: ReportSize): ComposedReport {
  return renderReport(report.title, report.timeBeganMs, report.layout, size);
}

/**
 * The next size to try: half of what takes most room, or half of the artifacts when it's the indicators that are too
 * many; undefined when nothing can be left out any more.
 */
export function smallerSize(
  report: ComposedReport,
  size: ReportSize,
  tooManyIndicators: boolean,
): ReportSize | undefined {
  const { artifactCount: artifacts, layout, body } = shortenReport(report, size);
  const { sections } = shortenTexts(layout.sections, size.textChars);
  const textChars = textLength(sections);
  const artifactsAreMost = tooManyIndicators || 2 * textChars <= body.length;
  if (artifacts > 0 && (artifactsAreMost || !hasLongText(sections))) {
    return { ...size, artifacts: Math.floor(artifacts / 2) };
  }
  return hasLongText(sections) ? { ...size, textChars: Math.floor(textChars / 2) } : undefined;
}

function artifactCount({ sections }: ReportLayout): number {
  return sections.reduce((sum, { shortens, items }) => sum + (shortens ? items.length : 0), 0);
}

function renderSection(section: SectionLayout, keep: number): string {
  const items = section.shortens ? section.items.slice(0, keep) : section.items;
  const omitted = section.items.length - items.length;
  const paragraphs = [[section.name, ...section.lines].join("\n"), ...items];
  if (omitted > 0) paragraphs.push(omissionLine(omitted));
  return paragraphs.join("\n\n");
}

function omissionLine(omitted: number): string {
  const what = omitted === 1 ? "1 more artifact was" : `${omitted} more artifacts were`;
  return `\t... and ${what} left out: TruSTAR takes no more indicators in one report.`;
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
