import type { IndicatorRef } from "../../../src/core/report.js";
import { isIndicatorsNote, noteText } from "./our-note.js";

/** A line `TYPE: value`, with what a server puts behind a link or before a list's item. */
const indicatorLine = /^\s*(?:[-*•]\s*)?([A-Z][A-Z0-9_]*):\s+(\S.*)$/;

/** What an earlier indicators note lists; empty for any other note. */
export function indicatorsInNote(text: string): readonly IndicatorRef[] {
  if (!isIndicatorsNote(text)) return [];
  return linesOf(noteText(text).trim()).flatMap((line) => {
    const [, type, value] = indicatorLine.exec(line) ?? [];
    return type === undefined || value === undefined ? [] : [{ type, value: value.trim() }];
  });
}

/** Some servers join paragraphs when they take the markup away: then the types tell where a line began. */
function linesOf(text: string): readonly string[] {
  return text.includes("\n") ? text.split("\n") : text.split(/\s+(?=[A-Z][A-Z0-9_]*: )/);
}
