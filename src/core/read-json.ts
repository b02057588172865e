import { setImmediate as turn } from "node:timers/promises";

/** What is read of a text of others: JSON.parse would take deep or crumbled texts as well, for seconds. */
export interface JsonLimits {
  readonly depth: number;
  /** Values and keys of lists and objects, roughly: their brackets and commas. */
  readonly parts: number;
}

/** The text is JSON, for all we know, but nothing that is read here. The message completes "it …". */
export class JsonLimitError extends Error {
  readonly kind: "deep" | "many";

  constructor(kind: "deep" | "many", message: string) {
    super(message);
    this.kind = kind;
  }
}

/** A text of this length is read without giving others their turn; a longer one in pieces of it. */
const pieceChars = 512 * 1024;

/**
 * JSON.parse within limits. Others get their turn meanwhile: however long the text, nobody waits for more than one piece
 * of the looking through, or for the parser, which is quick within the limits.
 * @throws SyntaxError, JsonLimitError
 */
export async function readJson(text: string, limits: JsonLimits): Promise<unknown> {
  let depth = 0;
  let parts = 0;
  let pieceEnd = pieceChars;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    if (sign === '"') at = endOfString(text, at + 1);
    else if (sign === "]" || sign === "}") depth -= 1;
    else if (sign === "," || sign === "[" || sign === "{") {
      parts += 1;
      if (sign !== ",") depth += 1;
      if (depth > limits.depth) throw new JsonLimitError("deep", `is nested more than ${limits.depth} deep`);
      if (parts > limits.parts) throw new JsonLimitError("many", `has more than ${limits.parts} parts`);
    }
    if (at < pieceEnd) continue;
    await turn();
    pieceEnd = at + pieceChars;
  }
  if (text.length > pieceChars) await turn();
  return JSON.parse(text);
}

function endOfString(text: string, from: number): number {
  for (let end = text.indexOf('"', from); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (end - slashes > from && text[end - slashes - 1] === "\\") slashes += 1;
    if (slashes % 2 === 0) return end;
  }
  return text.length;
}
