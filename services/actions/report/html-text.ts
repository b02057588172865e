import { compile, type FormatOptions } from "html-to-text";

/** What Resilient's editor writes. Anything else in angle brackets was typed: `<ok>`, `<script>`, `<jo@corp.example>`. */
const editorTags =
  "a|abbr|address|b|big|blockquote|body|br|caption|center|code|col|colgroup|dd|del|div|dl|dt|em|figure|font|h[1-6]|" +
  "hr|html|i|img|ins|kbd|li|mark|ol|p|pre|q|s|small|span|strike|strong|sub|sup|table|tbody|td|tfoot|th|thead|tr|tt|u|ul|wbr";
const typedBracket = new RegExp(`<(?!/?(?:${editorTags})(?=[\\s/>]))`, "gi");
const editorTag = new RegExp(`</?(?:${editorTags})(?=[\\s/>])[^<>]*>`, "i");
/** Tags that stay open until they are closed: all but the empty ones. */
const nestingTag = new RegExp(`<(/?)(?!(?:br|col|hr|img|wbr)[\\s/>])(?:${editorTags})(?=[\\s/>])`, "gi");
const maxDepth = 200;
/** The server never keeps these: a text with one shows somebody's attack, it isn't markup. */
const activeMarkup = /<[^<>]*[\s"'/]on[a-z]+\s*=/i;

const withTargets = converter({ hideLinkHrefIfSameAsText: true, noAnchorUrl: true });
const withoutTargets = converter({ ignoreHref: true });

/** Text of HTML: tags go first, entities are decoded once after them, so `&lt;ok&gt;` is the text `<ok>`. */
export function htmlToText(html: string): string {
  return withTargets(asTyped(html));
}

/** As a reader sees it: without the targets of links. */
export function htmlToShownText(html: string): string {
  return withoutTargets(asTyped(html));
}

/**
 * Text of a field that is plain by contract. A server that ignores our wish for plain text sends the editor's HTML,
 * which is told by its tags: all of them are the editor's, and at least one is there. Without one nothing is decoded
 * but `&nbsp;`: `&lt;ok&gt;` is what somebody typed, and a URL may hold `&lt;`.
 */
export function richToText(text: string): string {
  return isEditorHtml(text) ? htmlToText(text) : text.replace(/&nbsp;/gi, " ");
}

function asTyped(html: string): string {
  const brackets = nestsTooDeep(html) ? /</g : typedBracket;
  return html.replace(brackets, "&lt;").replace(/&nbsp;|\u00a0/gi, " ");
}

/** The parser's time grows with the square of the depth, and nobody writes a text like that: it stays as it was typed. */
function nestsTooDeep(html: string): boolean {
  let depth = 0;
  for (const [, closing] of html.matchAll(nestingTag)) {
    depth = closing === "/" ? Math.max(0, depth - 1) : depth + 1;
    if (depth > maxDepth) return true;
  }
  return false;
}

function isEditorHtml(text: string): boolean {
  return editorTag.test(text) && text.search(typedBracket) < 0 && !activeMarkup.test(text);
}

function converter(links: FormatOptions): (html: string) => string {
  return compile({
    wordwrap: false,
    // Without the zero-width space: it hides in words.
    whitespaceCharacters: " \t\r\n\f",
    limits: { maxInputLength: 8_000_000 },
    selectors: [
      // Addresses of links and pictures are evidence: they stay, behind their text.
      { selector: "a", options: links },
      { selector: "td", format: "inlineSurround", options: { suffix: " " } },
      { selector: "th", format: "inlineSurround", options: { suffix: " " } },
      { selector: "ul", options: { itemPrefix: "- " } },
      { selector: "hr", format: "skip" },
      { selector: "wbr", format: "skip" },
      ...["h1", "h2", "h3", "h4", "h5", "h6"].map((selector) => ({
        selector,
        options: { uppercase: false },
      })),
    ],
  });
}
