import type { Hit, HitProperty } from "../../src/core/hit.js";
import type {
  CorrelatedReport,
  IndicatorMetadata,
  IndicatorSummary,
  Priority,
} from "../../src/core/indicator.js";
import type { IndicatorSource } from "../../src/core/ports.js";

/** More than an analyst reads; one artifact's answer stays small whatever the sources say. */
const maxDetailHits = 25;
const maxTextChars = 1_000;

type Links = Pick<IndicatorSource, "reportLink" | "indicatorLink">;

/** The first hit of a known indicator: what TruSTAR itself knows of it. */
export function indicatorHit(metadata: IndicatorMetadata, priority: Priority, links: Links): Hit {
  const { indicatorType, value, firstSeenMs, lastSeenMs, sightings, tags } = metadata;
  return toHit([
    text("Priority Level", priority),
    text("Indicator", value),
    text("Indicator Type", indicatorType),
    time("First Seen", firstSeenMs),
    time("Last Seen", lastSeenMs),
    sightings === undefined ? undefined : { type: "number", name: "Sightings", value: sightings },
    text("Tags", tags.join(", ")),
    link("Link to TruSTAR", indicatorType && links.indicatorLink(indicatorType, value)),
  ]);
}

/** One hit per intelligence source, the gravest first. */
export function summaryHits(summaries: readonly IndicatorSummary[], links: Links): readonly Hit[] {
  const byGravity = [...summaries].sort((a, b) => (b.severityLevel ?? -1) - (a.severityLevel ?? -1));
  return byGravity
    .slice(0, maxDetailHits)
    .map((summary) =>
      toHit([
        text("Intel Provider", summary.sourceName),
        text("Score", summary.score && `${summary.score.value} (${summary.score.name})`),
        text("Severity", severityWord(summary.severityLevel)),
        text("Description", summary.description),
        time("Last Updated", summary.updatedMs),
        link("Link to TruSTAR Report", summary.reportId && links.reportLink(summary.reportId)),
      ]),
    );
}

/** One hit per report that mentions the indicator. */
export function reportHits(reports: readonly CorrelatedReport[], links: Links): readonly Hit[] {
  return reports
    .slice(0, maxDetailHits)
    .map((report) =>
      toHit([
        text("Title", report.title),
        time("Time Report Last Updated", report.updatedMs),
        time("Time Report's Incident/Event Began", report.timeBeganMs),
        link("Link to TruSTAR Report", report.id && links.reportLink(report.id)),
        link("Link to Source Report", report.externalUrl),
      ]),
    );
}

function severityWord(level: number | undefined): string {
  if (level === undefined) return "unknown";
  return ["benign", "LOW", "MEDIUM", "HIGH"][Math.min(level, 3)] ?? "unknown";
}

function toHit(props: readonly (HitProperty | undefined)[]): Hit {
  return { props: props.filter((property) => property !== undefined) };
}

function text(name: string, value: string | undefined): HitProperty | undefined {
  return value === undefined || value === ""
    ? undefined
    : { type: "string", name, value: value.slice(0, maxTextChars) };
}

/** Only web addresses are rendered as links; anything else a report may hold is shown as text. */
function link(name: string, url: string | undefined): HitProperty | undefined {
  if (url === undefined || !/^https?:\/\//i.test(url)) return text(name, url);
  return { type: "uri", name, value: url };
}

function time(name: string, ms: number | undefined): HitProperty | undefined {
  if (ms === undefined || !Number.isFinite(ms) || Math.abs(ms) > 8.64e15) return undefined;
  return text(name, `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")} UTC`);
}
