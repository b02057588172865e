import { domainToASCII } from "node:url";
import { domainMarker, dot, maskMatches, type MaskResult, plainDots } from "./masking.js";

const labelCharacter = String.raw`[\p{L}\p{N}\p{M}_-]`;
/** Always matches where a label begins and never begins within one, so that a long text is read once. */
const hostPattern = new RegExp(
  `(?<!${labelCharacter})${labelCharacter}+(?:${dot}${labelCharacter}+)*`,
  "giu",
);
/** `@` in front of a host, also as `[at]` and `%40`. */
const atSign = /(?:[@\uff20]|%40| ?[[({] ?(?:@|at) ?[\])}] ?)$/iu;
const longestAtSign = 8;
/** With its quotes: `"jo smith"@corp.example`; RFC 5321 allows 64. */
const longestUser = 66;

/** Masks own domains and all below them, with the user in front of it: `jo@mail.corp.example`, `//jo:pw@corp.example`. */
export function maskDomains(text: string, ownDomains: readonly string[]): MaskResult {
  const own = new Set(ownDomains.map(canonical).filter((domain) => domain !== ""));
  if (own.size === 0) return { text, count: 0 };
  const deepest = Math.max(...[...own].map((domain) => domain.split(".").length));
  return maskMatches(text, hostPattern, domainMarker, (match, floor) => {
    const start = match.index + escapedLead(match);
    const end = match.index + match[0].length;
    if (!isOwn(match.input.slice(start, end), own, deepest)) return undefined;
    return { start: userStart(match.input, start, floor), end };
  });
}

/** `%2Fcorp.example`, `%252Fcorp.example` and `=3Dcorp.example`: the digits belong to the sign before them. */
function escapedLead({ input, index, 0: host }: RegExpExecArray): number {
  const before = input[index - 1];
  if (before === "%") return /^(?:25)*[\da-f]{2}/i.exec(host)?.[0].length ?? 0;
  if (before === "=" && host.startsWith("3D")) return 2;
  // A list's dash or an underscore in front is no part of a name.
  return /^[-_]*/.exec(host)?.[0].length ?? 0;
}

/** A domain of one label (`corp`) is a word as well: it counts with something in front of it only. */
function isOwn(host: string, own: ReadonlySet<string>, deepest: number): boolean {
  const labels = canonical(host).split(".");
  for (let length = Math.min(deepest, labels.length); length > 0; length -= 1) {
    if (own.has(labels.slice(-length).join("."))) return length > 1 || labels.length > 1;
  }
  return false;
}

function canonical(domain: string): string {
  const name = plainDots(domain.trim())
    .toLowerCase()
    .replace(/^(?:\*?\.)+|\.+$/g, "");
  const ascii = /^[\w.-]*$/.test(name) && !name.includes("xn--") ? name : domainToASCII(name);
  return ascii === "" ? name : ascii;
}

/** Where the e-mail address or the credentials in front of a host begin. */
function userStart(text: string, host: number, floor: number): number {
  const at = atSign.exec(text.slice(Math.max(floor, host - longestAtSign), host));
  if (at === null) return host;
  let start = host - at[0].length;
  if (text[start - 1] === '"') {
    const quote = text.slice(Math.max(floor, start - longestUser), start - 1).lastIndexOf('"');
    return quote < 0 ? start : Math.max(floor, start - longestUser) + quote;
  }
  while (start > floor && /[^\s@<>"()[\]{},;/\\|]/.test(text.charAt(start - 1))) start -= 1;
  const user = text.slice(start, host - at[0].length);
  // `mailto:jo@…` and `To:jo@…`, but `//jo:pw@…`.
  return text[start - 1] === "/" ? start : start + user.lastIndexOf(":") + 1;
}
