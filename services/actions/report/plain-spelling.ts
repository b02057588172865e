const ignorable = /\p{Default_Ignorable_Code_Point}/gu;
const hexPair = /^[\da-f]{2}$/i;
const unreserved = /^[\w.~-]$/;

/**
 * The same text without what hides its words from a reader's eye and from a search: characters that nothing shows, and
 * percent escapes of characters that need none (to a URL both mean the same, RFC 3986, 6.2.2.2).
 */
export function plainSpelling(text: string): string {
  return withoutEscapes(text.replace(ignorable, ""));
}

/** From the end, so that an escape within an escape is read as well, and each character is looked at once. */
function withoutEscapes(text: string): string {
  if (!/%[\da-f%]/i.test(text)) return text;
  const reversed: string[] = [];
  for (let position = text.length - 1; position >= 0; position -= 1) {
    const unit = text.charAt(position);
    const code = `${reversed.at(-1) ?? ""}${reversed.at(-2) ?? ""}`;
    const decoded = unit === "%" && hexPair.test(code) ? String.fromCharCode(Number.parseInt(code, 16)) : "";
    if (!unreserved.test(decoded)) {
      reversed.push(unit);
      continue;
    }
    reversed.length -= 2;
    reversed.push(decoded);
  }
  return reversed.reverse().join("");
}
