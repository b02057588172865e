import type { IndicatorRef } from "../../../src/core/report.js";
import { indicatorsHeading, linesBelow } from "./our-note.js";

/** A line `TYPE: value`, with what a server puts before a list's item. */
const indicatorLine = /^(?:[-*•] ?)?([A-Z][A-Z0-9_]{0,60}): (.+)$/;

/** What an earlier indicators note lists; empty for any other note. */
export function indicatorsInNote(lines: readonly string[]): readonly IndicatorRef[] {
  return (linesBelow(lines, indicatorsHeading) ?? []).flatMap((line) => indicatorIn(line) ?? []);
}

/**
 * Whether an indicators note holds nothing but lines of ours: then it may be replaced. A line with a value that we know
 * nothing of is an analyst's, also when it looks like one of ours.
 */
export function isOnlyIndicators(lines: readonly string[], isKnown: (value: string) => boolean): boolean {
  const below = linesBelow(lines, indicatorsHeading);
  return below?.map(indicatorIn).every((one) => one !== undefined && isKnown(one.value)) ?? false;
}

function indicatorIn(line: string): IndicatorRef | undefined {
  const [, type, value] = indicatorLine.exec(line) ?? [];
  return type === undefined || value === undefined ? undefined : { type, value };
}
