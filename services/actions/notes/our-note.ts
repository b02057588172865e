import { htmlToShownText } from "../report/html-text.js";

/** Every note of ours begins with it; the legacy app's notes do, too. */
export const noteHeading = "TruSTAR Enrichment";
export const indicatorsHeading = `${noteHeading} / Indicators`;
export const submittedSentence = "TruSTAR Report Submitted Successfully.";

/** What stands behind a heading whose line a server has joined with the next one. */
const joinedLine = /^(?:\s+[A-Z][A-Z0-9_]*:\s|\s*TruSTAR Report Submitted)/;
const reportPage = /^https?:\/\/\S+\/constellation\/reports\/\S+$/;

const anyTag = /<([a-z][a-z\d]*)([^<>]*)>/gi;
/** The legacy app's, too. */
const ourTags: ReadonlySet<string> = new Set([
  "a",
  "b",
  "br",
  "div",
  "h3",
  "li",
  "p",
  "span",
  "strong",
  "ul",
]);

/** Whether we, or the legacy app, wrote this note first; as plain text or as the server's HTML. */
export function isOurNote(text: string): boolean {
  return textBelow(text, noteHeading) !== undefined || isIndicatorsNote(text);
}

export function isIndicatorsNote(text: string): boolean {
  return textBelow(text, indicatorsHeading) !== undefined;
}

export function isSubmissionNote(text: string): boolean {
  return textBelow(text, noteHeading)?.includes(submittedSentence) ?? false;
}

/** Whether nobody has put a word of their own into a submission note: then it may be replaced. */
export function isOnlySubmission(text: string): boolean {
  if (!isSubmissionNote(text)) return false;
  const rest = (textBelow(text, noteHeading) ?? "").replace(submittedSentence, " ").trim();
  return rest.split(/\s+/).every((word) => word === "" || reportPage.test(word));
}

/**
 * Whether a note's HTML holds no markup but ours and what servers wrap it in. A picture, a line that is struck out, a
 * colour: the text does not show them, and they are an analyst's words all the same.
 */
export function hasOnlyOurMarkup(html: string): boolean {
  return [...html.matchAll(anyTag)].every(
    ([, name = "", attributes = ""]) =>
      ourTags.has(name.toLowerCase()) && (name.toLowerCase() === "div" || !/\bstyle\b/i.test(attributes)),
  );
}

/** The legacy app keeps every note with these words out of reports, wherever they stand. */
export function mentionsEnrichment(text: string): boolean {
  return noteText(text).replace(/\s+/g, " ").includes(noteHeading);
}

/**
 * A note whose first line is the heading and nothing else: what stands below it. An analyst may quote our heading, or
 * put words before or behind it; that note is the analyst's.
 */
export function textBelow(text: string, heading: string): string | undefined {
  const plain = noteText(text).trim();
  const words = heading.split(" ").join("[^\\S\\n]+");
  const rest = new RegExp(`^${words}([^]*)$`).exec(plain)?.[1];
  if (rest === undefined) return undefined;
  return rest === "" || /^[^\S\n]*\n/.test(rest) || joinedLine.test(rest) ? rest : undefined;
}

/** A listed note is plain text, one in a message is HTML; ours holds tags only when it is HTML. */
export function noteText(text: string): string {
  return /^\s*</.test(text) ? htmlToShownText(text) : text.replace(/\r\n?/g, "\n").replaceAll("\u00a0", " ");
}
