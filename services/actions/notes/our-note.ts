import { htmlToShownText } from "../report/html-text.js";

/** Every note of ours begins with it; the legacy app's notes do, too. */
export const noteHeading = "TruSTAR Enrichment";
export const indicatorsHeading = `${noteHeading} / Indicators`;
export const submittedSentence = "TruSTAR Report Submitted Successfully.";

/** Whether we, or the legacy app, wrote this note; as plain text or as the server's HTML. */
export function isOurNote(text: string): boolean {
  return firstLine(text).includes(noteHeading);
}

export function isIndicatorsNote(text: string): boolean {
  return firstLine(text).includes(indicatorsHeading);
}

export function isSubmissionNote(text: string): boolean {
  return isOurNote(text) && !isIndicatorsNote(text) && noteText(text).includes(submittedSentence);
}

/** An analyst may quote our heading further down; that note is the analyst's. */
function firstLine(text: string): string {
  const line = noteText(text).trimStart().split("\n", 1)[0] ?? "";
  return line.replace(/\s+/g, " ");
}

/** A listed note is plain text, one in a message is HTML; ours holds tags only when it is HTML. */
export function noteText(text: string): string {
  return /^\s*</.test(text) ? htmlToShownText(text) : text.replace(/\r\n?/g, "\n").replaceAll("\u00a0", " ");
}
