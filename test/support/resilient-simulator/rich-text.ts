import { asText, isWire } from "./wire.js";

/** Rich text as it is stored, from a string or `{format, content}`: always HTML. */
export function toHtml(input: unknown): string | null {
  if (input === null || input === undefined) return null;
  if (!isWire(input)) return asText(input);
  const content = asText(input["content"]);
  return input["format"] === "html" ? content : escapeHtml(content).replaceAll("\n", "<br/>");
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

const entities: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: " ",
};

/** Tags first, entities after them and once: `&lt;ok&gt;` is the text `<ok>`. */
export function toPlainText(html: string): string {
  return html
    .replace(/<(?:br|\/p|\/div|\/li|\/h\d)\s*\/?>/gi, "\n")
    .replace(/<[^<>]*>/g, "")
    .replace(/&(#\d+|#x[0-9a-f]+|\w+);/gi, (whole, name: string) => decodeEntity(name) ?? whole)
    .trim();
}

function decodeEntity(name: string): string | undefined {
  if (/^#x/i.test(name)) return String.fromCodePoint(Number.parseInt(name.slice(2), 16));
  if (name.startsWith("#")) return String.fromCodePoint(Number(name.slice(1)));
  return entities[name.toLowerCase()];
}

export type TextFormat = "html" | "always_text" | "objects_convert" | "objects_convert_html";

/** How rich text leaves the server. Notes come wrapped in a div, whoever wrote them. */
export function formatRichText(html: unknown, format: TextFormat, wrap: boolean): unknown {
  if (typeof html !== "string") return null;
  const shown = wrap ? `<div class="rte">${html}</div>` : html;
  switch (format) {
    case "html":
      return shown;
    case "always_text":
      return toPlainText(shown);
    case "objects_convert":
    case "objects_convert_html":
      return { format: "html", content: shown };
  }
}
