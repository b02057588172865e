import type { Hit, HitProperty } from "../../src/core/hit.js";
import {
  priorities,
  type CorrelatedReport,
  type IndicatorMetadata,
  type IndicatorSummary,
  type Priority,
} from "../../src/core/indicator.js";
import type { IndicatorSource } from "../../src/core/ports.js";
import type { Intelligence } from "./intelligence.js";

/** More than an analyst reads; one artifact's answer stays small whatever the sources say. */
const maxDetailHits = 25;
const maxTextChars = 1_000;

type Links = Pick<IndicatorSource, "reportLink" | "indicatorLink">;

/**
 * The priority of an indicator: a live priorityLevel wins; today's servers send none, so it is the highest
 * severityLevel of its summaries (0 benign, 1 LOW, 2 MEDIUM, 3 HIGH). The threat source and the function share this.
 */
export function priorityOf(intelligence: Intelligence): Priority {
  const live = highest(intelligence.metadata.map((item) => priorities.indexOf(item.priorityLevel)));
  const scored = Math.floor(highest(intelligence.summaries.map((summary) => summary.severityLevel ?? 0)));
  return priorities[live > 0 ? live : Math.min(scored, priorities.length - 1)] ?? "NOT_FOUND";
}

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
    link("Link to TruSTAR", links.indicatorLink(indicatorType, value)),
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
        link("Link to TruSTAR Report", links.reportLink(summary.reportId)),
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
        link("Link to TruSTAR Report", links.reportLink(report.id)),
        link("Link to Source Report", report.externalUrl),
      ]),
    );
}

function highest(numbers: readonly number[]): number {
  return numbers.reduce((max, number) => Math.max(max, number), 0);
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
