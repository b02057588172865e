import { breathe } from "../../../src/core/breathe.js";
import { withoutInvisible } from "../../core/spelling.js";
import { unescapeAt } from "./unescape.js";

/** Longer than any escape that is read. */
const longestEscape = 64;

/** Looked at without a pause. */
const chunkLength = 16_384;

/**
 * The same text without what hides its words from a reader's eye and from a search: characters that nothing shows, and
 * escapes of URLs (`%2e`) and of HTML (`&#46;`) for characters that need none.
 */
export async function plainSpelling(text: string): Promise<string> {
  return withoutEscapes(withoutInvisible(text));
}

/** From the end, so that an escape within an escape is read as well, and each character is looked at once. */
async function withoutEscapes(text: string): Promise<string> {
  if (!/%[\da-f%]|&[#a-z]/i.test(text)) return text;
  const reversed: string[] = [];
  for (let position = text.length - 1; position >= 0; position -= 1) {
    const unit = text.charAt(position);
    reversed.push(unit);
    if (position % chunkLength === 0) await breathe();
    if (!beginsEscape(unit, reversed.at(-2) ?? "")) continue;
    const escape = unescapeAt(reversed.slice(-longestEscape).reverse().join(""));
    if (escape === undefined) continue;
    reversed.length -= escape.length;
    if (escape.means !== "") reversed.push(escape.means);
  }
  return reversed.reverse().join("");
}

function beginsEscape(unit: string, next: string): boolean {
  return (unit === "%" && /[\da-f]/i.test(next)) || (unit === "&" && /[#a-z]/i.test(next));
}
