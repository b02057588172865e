import { htmlToShownText } from "../report/html-text.js";
import { cleanLongText } from "../report/plain-text.js";

/** Every note of ours begins with it; the legacy app's notes do, too. */
export const noteHeading = "TruSTAR Enrichment";
export const indicatorsHeading = `${noteHeading} / Indicators`;
export const submittedSentence = "TruSTAR Report Submitted Successfully.";

/** What stands behind a heading whose line a server has joined with the next one. */
const joinedLine = /^(?: [A-Z][A-Z0-9_]{0,60}: | ?TruSTAR Report Submitted)/;
const reportPath = "/constellation/reports/";

const tagName = /^[a-z][a-z\d]{0,9}/i;
const styleAttribute = /\bstyle\b/i;
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

/**
 * Lines of a note that say something, single blanks between words. A listed note is plain text, one in a message is
 * HTML; ours holds tags only when it is HTML.
 */
export async function noteLines(text: string): Promise<readonly string[]> {
  return cleanLongText(text.trimStart().startsWith("<") ? await htmlToShownText(text) : text);
}

/** Whether a submission note holds no word of an analyst: then it may be replaced. */
export function isOnlySubmission(lines: readonly string[]): boolean {
  const below = linesBelow(lines, noteHeading)?.join(" ");
  if (below?.includes(submittedSentence) !== true) return false;
  const rest = below.replace(submittedSentence, " ");
  return rest.split(" ").every((word) => word === "" || reportPageOf(word) !== undefined);
}

/** Of a link to a report: the path of its page. */
export function reportPageOf(word: string): string | undefined {
  const path = word.indexOf(reportPath, "https://".length);
  const isPage = /^https?:\/\//.test(word) && path >= 0 && word.length > path + reportPath.length;
  return isPage ? word.slice(path) : undefined;
}

/**
 * Whether a note's HTML holds no markup but ours and what servers wrap it in. A picture, a line that is struck out, a
 * colour: the text does not show them, and they are an analyst's words all the same.
 */
export function hasOnlyOurMarkup(html: string): boolean {
  return html
    .split("<")
    .slice(1)
    .every((part) => {
      const [tag = ""] = part.split(">", 1);
      const name = tagName.exec(tag)?.[0].toLowerCase();
      return (
        name === undefined ||
        tag === part ||
        (ourTags.has(name) && (name === "div" || !styleAttribute.test(tag)))
      );
    });
}

/** The legacy app keeps every note with these words out of reports, wherever they stand, and so do we. */
export async function mentionsEnrichment(text: string): Promise<boolean> {
  return (await noteLines(text)).join(" ").includes(noteHeading);
}

/**
 * Of a note whose first line is the heading and nothing else: the lines below it. An analyst may quote our heading, or
 * put words before or behind it; that note is the analyst's.
 */
export function linesBelow(
  [first = "", ...rest]: readonly string[],
  heading: string,
): readonly string[] | undefined {
  if (first === heading) return rest;
  const joined = first.startsWith(heading) ? first.slice(heading.length) : "";
  return joinedLine.test(joined) ? [...splitLines(joined), ...rest] : undefined;
}

/** Some servers join paragraphs when they take the markup away: then the types tell where a line began. */
function splitLines(joined: string): readonly string[] {
  return joined.trim().split(/ (?=[A-Z][A-Z0-9_]{0,60}: )/);
}
