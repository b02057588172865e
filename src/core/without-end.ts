/**
 * The text without these characters at its end. A loop from the end, because a pattern such as `/[.!]+$/` starts again
 * at every one of them in the middle of the text.
 */
export function withoutEnd(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}
