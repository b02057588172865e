import { unescapeAt } from "./unescape.js";

const ignorable = /\p{Default_Ignorable_Code_Point}/gu;
/** Longer than any escape that is read. */
const longestEscape = 64;

/**
 * The same text without what hides its words from a reader's eye and from a search: characters that nothing shows, and
 * escapes of URLs (`%2e`) and of HTML (`&#46;`) for characters that need none.
 */
export function plainSpelling(text: string): string {
  return withoutEscapes(text.replace(ignorable, ""));
}

/** From the end, so that an escape within an escape is read as well, and each character is looked at once. */
function withoutEscapes(text: string): string {
  if (!/%[\da-f%]|&[#a-z]/i.test(text)) return text;
  const reversed: string[] = [];
  for (let position = text.length - 1; position >= 0; position -= 1) {
    const unit = text.charAt(position);
    reversed.push(unit);
    if (unit !== "%" && unit !== "&") continue;
    const escape = unescapeAt(reversed.slice(-longestEscape).reverse().join(""));
    if (escape === undefined) continue;
    reversed.length -= escape.length;
    if (escape.means !== "") reversed.push(escape.means);
  }
  return reversed.reverse().join("");
}
