import { Parser } from "htmlparser2";
import { breathe } from "../../../src/core/breathe.js";
import { HtmlWriter } from "./html-writer.js";

/** What Resilient's editor writes. Anything else in angle brackets was typed: `<ok>`, `<script>`, `<jo@corp.example>`. */
const editorTags: ReadonlySet<string> = new Set(
  (
    "a abbr address b big blockquote body br caption center code col colgroup dd del div dl dt em figure font " +
    "h1 h2 h3 h4 h5 h6 hr html i img ins kbd li mark ol p pre q s small span strike strong sub sup table tbody td " +
    "tfoot th thead tr tt u ul wbr"
  ).split(" "),
);
const tagName = /\/?([a-z][a-z0-9]{0,9})(?=[\s/>])/iy;
/** The server never keeps these: a text with one shows somebody's attack, it isn't markup. */
const eventHandler = /[\s"'/]on[a-z]{1,30}\s{0,30}=/i;
/** The parser's time grows with the square of the depth: deeper, it begins anew. */
const maxDepth = 200;
const chunkLength = 16_384;

/** Text of HTML: tags go first, entities are decoded once after them, so `&lt;ok&gt;` is the text `<ok>`. */
export function htmlToText(html: string): Promise<string> {
  return written(html, new HtmlWriter(true));
}

/** As a reader sees it: without the targets of links. */
export function htmlToShownText(html: string): Promise<string> {
  return written(html, new HtmlWriter(false));
}

/**
 * Text of a field that is plain by contract. A server that ignores our wish for plain text sends the editor's HTML,
 * which is told by its tags: all of them are the editor's, and at least one is there. Without one nothing is decoded
 * but `&nbsp;`: `&lt;ok&gt;` is what somebody typed, and a URL may hold `&lt;`.
 */
export async function richToText(text: string): Promise<string> {
  return isEditorHtml(text) ? htmlToText(text) : text.replace(/&nbsp;/gi, " ");
}

/** Markup that is mismatched or open at the end is read as far as a parser can read it. */
async function written(html: string, writer: HtmlWriter): Promise<string> {
  const source = asTyped(html).replace(/&nbsp;|\u00a0/gi, " ");
  for (let start = 0; start < source.length;) {
    const length = await readFrom(source, start, writer);
    writer.closeAll();
    start += length;
  }
  return writer.toString();
}

/** @returns how much was read: all, or up to where the markup becomes too deep */
async function readFrom(source: string, start: number, writer: HtmlWriter): Promise<number> {
  let length = 0;
  const parser = new Parser({
    ontext: (text) => {
      writer.text(text);
      length = parser.endIndex + 1;
    },
    onopentag: (name, attributes) => {
      writer.opened(name, attributes);
      length = parser.endIndex + 1;
      if (writer.depth >= maxDepth) parser.pause();
    },
    onclosetag: (name) => {
      writer.closed(name);
      length = parser.endIndex + 1;
    },
  });
  for (let position = start; position < source.length; position += chunkLength) {
    parser.write(source.slice(position, position + chunkLength));
    if (writer.depth >= maxDepth) return length;
    await breathe();
  }
  const unclosed = source.slice(start + length);
  parser.end();
  writer.text(unclosed);
  return source.length - start;
}

/** With `&lt;` for each angle bracket that does not begin a tag of the editor. */
function asTyped(html: string): string {
  return html
    .split("<")
    .map((part, index) => (index === 0 ? part : isEditorTag(part) ? `<${part}` : `&lt;${part}`))
    .join("");
}

/** @param part what stands behind the angle bracket */
function isEditorTag(part: string): boolean {
  tagName.lastIndex = 0;
  const [, name = ""] = tagName.exec(part) ?? [];
  return editorTags.has(name.toLowerCase());
}

function isEditorHtml(text: string): boolean {
  const parts = text.split("<").slice(1);
  return (
    parts.some((part) => part.includes(">")) &&
    parts.every((part) => isEditorTag(part)) &&
    !parts.some((part) => eventHandler.test(part.slice(0, endOfTag(part))))
  );
}

function endOfTag(part: string): number {
  const end = part.indexOf(">");
  return end < 0 ? part.length : end;
}
