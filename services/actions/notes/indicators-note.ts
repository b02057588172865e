import type { IndicatorRef } from "../../../src/core/report.js";
import { oneLine } from "../report/plain-text.js";
import { escapeHtml, link } from "./escape-html.js";
import { indicatorsHeading } from "./our-note.js";

/** HTML of the note that lists correlated indicators, each on a line `TYPE: value` with a link to its page. */
export function indicatorsNote(
  indicators: readonly IndicatorRef[],
  indicatorLink: (indicator: IndicatorRef) => string,
): string {
  const lines = indicators.map((indicator) => {
    const value = link(indicatorLink(indicator), oneLine(indicator.value));
    return `<p>${escapeHtml(oneLine(indicator.type))}: ${value}</p>`;
  });
  return [`<p><b>${escapeHtml(indicatorsHeading)}</b></p>`, ...lines].join("");
}
