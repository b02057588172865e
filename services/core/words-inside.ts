import { withoutEnd } from "../../src/core/without-end.js";
import { maxValueChars } from "./candidate.js";
import { percentDecoded, refang, withoutEntities, withoutInvisible } from "./spelling.js";
import { hostOf } from "./url-value.js";

export interface InsideText {
  /** IPv4 and IPv6. */
  readonly addresses: readonly string[];
  /** With a dot in them, in lower case; a file's name looks like one as well. */
  readonly names: readonly string[];
  readonly mailboxes: readonly string[];
  /** Of URLs and of UNC paths, also without a dot. */
  readonly hosts: readonly string[];
  /** There are more hosts. */
  readonly isTooMuch: boolean;
}

const ipv4 = /(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?!\.?\d)/g;
const ipv6 = /(?<![\w:.])[\da-f]{0,4}(?::[\da-f]{0,4}){2,7}(?:\.\d{1,3}){0,3}/gi;
const urlHost = /:\/\/([^/\\?#\s"'<>&]{1,300})/g;
/** Also as the registry keeps it: `MountPoints2\##srv01#share`. */
const uncHost = /(?:(?:^|[\s"'=(,;>#?/])\\\\|(?<!\\)\\\\\\|##)([\w[][^\\/#\s"'<>|]{0,300})/g;
/** Of more, nothing is known: they are not all looked at. */
const maxHosts = 50;

/** What a name or a URL holds of hosts, addresses and mailboxes, however they are escaped. */
export function wordsInside(text: string): InsideText {
  const forms = readings(text.slice(0, maxValueChars));
  const all = (pattern: RegExp): readonly string[] => [
    ...new Set(forms.flatMap((form) => Array.from(form.matchAll(pattern), ([whole, part]) => part ?? whole))),
  ];
  const words = [...new Set(forms.flatMap((form) => form.toLowerCase().split(/[^\p{L}\p{M}\p{N}.@_=+-]+/u)))];
  const hosts = [...all(urlHost).map((authority) => `http://${authority}/`), ...all(uncHost)];
  return {
    addresses: [...all(ipv4), ...all(ipv6)],
    names: words
      .flatMap((word) => [...word.split(/[@=+]/), ...(word.includes("@") ? word.split(/[@=+_-]/) : [])])
      .map((word) => withoutEnd(word.replace(/^[.-]+/, ""), ".-_"))
      .filter((word) => word.includes(".")),
    mailboxes: words.filter((word) => /[^@]@[^@]+\./.test(word)),
    hosts: hosts.slice(0, maxHosts).map((host) => (host.startsWith("http://") ? hostOf(host) : host)),
    isTooMuch: hosts.length > maxHosts,
  };
}

/** The text with its escapes undone, one after the other; a mailing writes its reader's address in Base64 as well. */
function readings(text: string): readonly string[] {
  const forms = new Set([text, refang(text), withoutInvisible(text)]);
  let plain = text;
  for (let times = 0; times < 4; times += 1) {
    plain = withoutEntities(unescaped(plain));
    forms.add(plain);
  }
  forms.add(refang(withoutInvisible(plain)));
  for (const word of new Set(base64Limits.flatMap((limits) => plain.split(limits)))) {
    if (word.length < 8) continue;
    const decoded = Buffer.from(word, "base64").toString("utf8");
    if (/[@.]/.test(decoded) && !decoded.includes("\ufffd")) forms.add(decoded);
  }
  return [...forms];
}
/** With and without the signs that may stand between two words as well. */
const base64Limits = [/[^\w+/-]/, /[^a-z\d+-]/i, /[^a-z\d+]/i];

/** Each escape that can be read; the others stay. */
function unescaped(text: string): string {
  return text.includes("%") ? text.replace(/(?:%[\da-f]{2})+/gi, percentDecoded) : text;
}
