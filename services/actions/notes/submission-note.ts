import { oneLine } from "../report/plain-text.js";
import { escapeHtml, link } from "./escape-html.js";
import { noteHeading, submittedSentence } from "./our-note.js";

/** HTML of the note that a first submission leaves: a link to each enclave's report. */
export function submissionNote(reportLinks: readonly string[]): string {
  const links = [...new Set(reportLinks)].map((target) => `<p>${link(target, oneLine(target))}</p>`);
  return [
    `<p><b>${escapeHtml(noteHeading)}</b></p>`,
    `<p>${escapeHtml(submittedSentence)}</p>`,
    ...links,
  ].join("");
}
