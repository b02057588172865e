/** A report's text before it is put together, so that it can be shortened by whole artifacts. */
export interface ReportLayout {
  readonly head: string;
  readonly sections: readonly SectionLayout[];
}

/** `items` stand apart, a blank line before each. */
export interface SectionLayout {
  readonly name: string;
  readonly lines: readonly string[];
  readonly items: readonly string[];
  /** Artifacts are what a report can do without in part. */
  readonly shortens: boolean;
}

export interface ComposedReport {
  readonly title: string;
  readonly body: string;
  readonly timeBeganMs: number | undefined;
  /** Artifacts that the body holds. */
  readonly artifactCount: number;
  /** Artifacts left out by `shortenArtifacts`. */
  readonly omittedArtifacts: number;
  readonly layout: ReportLayout;
}

export function renderReport(
  title: string,
  timeBeganMs: number | undefined,
  layout: ReportLayout,
  keep = Number.POSITIVE_INFINITY,
): ComposedReport {
  const all = layout.sections.reduce(
    (sum, section) => sum + (section.shortens ? section.items.length : 0),
    0,
  );
  const kept = Math.min(all, Math.max(0, Math.trunc(keep)));
  const sections = layout.sections.map((section) => renderSection(section, kept));
  return {
    title,
    body: `${[layout.head, ...sections].join("\n\n")}\n`,
    timeBeganMs,
    artifactCount: kept,
    omittedArtifacts: all - kept,
    layout,
  };
}

/**
 * The same report with its first `keep` artifacts, for a TruSTAR that refused it (413). The last ones go: what was
 * there first stays, in the same words. The limit is the server's (500 and 2,000 are both documented), so no number
 * is promised.
 */
export function shortenArtifacts(report: ComposedReport, keep: number): ComposedReport {
  return renderReport(report.title, report.timeBeganMs, report.layout, keep);
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
