import { withoutEnd } from "../core/without-end.js";
import { isHost } from "./host-name.js";
import { isLoopbackHost } from "./loopback.js";
import type { SectionReader } from "./section-reader.js";

/** Longer than any root address, and as long as a host in another script may be until it takes time to read. */
const maxAddressChars = 1_000;

/** A root address without trailing slashes; `suffix` is cut off when somebody copied it along. */
export function readWebAddress(section: SectionReader, key: string, fallback: string, suffix = /$/): string {
  const text = section.text(key);
  if (text === undefined) return fallback;
  // First of all, because the other messages show the value.
  if (text.includes("@")) {
    section.problem(key, "must not contain a user name or password");
    return fallback;
  }
  const url = text.length <= maxAddressChars && URL.canParse(text) ? new URL(text) : undefined;
  const isWeb = url !== undefined && /^https?:$/.test(url.protocol) && /^https?:\/\/[^/\\]/i.test(text);
  // As it is written: of `https://10.1` the parser makes another address than it looks like.
  const [, written = ""] = /^https?:\/\/(\[[^\]]*\]|[^/?#:\\]*)/i.exec(text) ?? [];
  const host = isWeb && /[^\0-\x7f]/.test(written) ? url.hostname : written;
  if (!isWeb || text.includes("\\") || !isHost(host.replace(/^\[(.*)\]$/, "$1")) || url.port === "0") {
    section.problem(key, `must be an address such as ${fallback}, not ${section.shown(key)}`);
    return fallback;
  }
  if (/[?#\s]/.test(text)) {
    section.problem(key, `must end with the host or a path, without "?", "#" or blanks: such as ${fallback}`);
    return fallback;
  }
  if (url.protocol === "http:" && !isLoopbackHost(url.hostname)) {
    section.warn(key, "is http, not https: keys and answers cross the network unencrypted");
  }
  return withoutEnd(withoutEnd(url.href, "/").replace(suffix, ""), "/");
}
