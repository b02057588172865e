import type { IndicatorRef } from "../../../src/core/report.js";
import { indicatorsHeading, textBelow } from "./our-note.js";

/** A line `TYPE: value`, with what a server puts behind a link or before a list's item. */
const indicatorLine = /^\s*(?:[-*•]\s*)?([A-Z][A-Z0-9_]*):\s+(\S.*)$/;

/** What an earlier indicators note lists; empty for any other note. */
export function indicatorsInNote(text: string): readonly IndicatorRef[] {
  return linesBelow(text).flatMap((line) => indicatorIn(line) ?? []);
}

/**
 * Whether an indicators note holds nothing but lines of ours: then it may be replaced. A line with a value that we know
 * nothing of is an analyst's, also when it looks like one of ours.
 */
export function isOnlyIndicators(text: string, isKnown: (value: string) => boolean): boolean {
  if (textBelow(text, indicatorsHeading) === undefined) return false;
  return linesBelow(text)
    .map(indicatorIn)
    .every((indicator) => indicator !== undefined && isKnown(indicator.value));
}

function indicatorIn(line: string): IndicatorRef | undefined {
  const [, type, value] = indicatorLine.exec(line) ?? [];
  return type === undefined || value === undefined ? undefined : { type, value: value.trim() };
}

/** Some servers join paragraphs when they take the markup away: then the types tell where a line began. */
function linesBelow(text: string): readonly string[] {
  const below = textBelow(text, indicatorsHeading) ?? "";
  const lines = below.includes("\n") ? below.split("\n") : below.split(/\s+(?=[A-Z][A-Z0-9_]*: )/);
  return lines.filter((line) => line.trim() !== "");
}
