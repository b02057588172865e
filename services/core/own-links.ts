import { refang } from "./spelling.js";

/** What stands in a report where a link to TruSTAR itself stood. */
export const ownLinkMarker = "[link to TruSTAR]";

interface Place {
  readonly host: string;
  /** "" = any. */
  readonly port: string;
  /** Without a slash at its end. */
  readonly path: string;
}

/**
 * Addresses below TruSTAR's own ones: `station_url` and the API's `url` of all sections. Hits and notes hold such links;
 * sent back to TruSTAR they would become indicators there, and come into the next incident as artifacts.
 */
export class OwnLinks {
  readonly #places: readonly Place[];

  constructor(urls: readonly string[]) {
    this.#places = urls.filter((url) => URL.canParse(url)).map((url) => placeOf(new URL(url)));
  }

  /** Whether the value is such an address, with or without a scheme, defanged or in brackets. */
  has(value: string): boolean {
    return this.#isBelow(plain(value));
  }

  /** Whether such an address stands anywhere in the text. */
  areIn(text: string): boolean {
    return this.has(text) || this.cut(text) !== text;
  }

  /** The text with a marker in the place of each such address. The time grows with the text's length only. */
  cut(text: string): string {
    const lower = text.toLowerCase();
    if (!this.#places.some(({ host }) => lower.includes(firstLabel(host)))) return text;
    return text.replace(/[^\s<>"',;|]+/g, (word) => (this.#isLink(plain(word)) ? ownLinkMarker : word));
  }

  /** A word of a text: the address may stand behind a label, such as `see:`, but not within another address. */
  #isLink(word: string): boolean {
    return this.#places.some(({ host }) => {
      const at = word.indexOf(host);
      if (at === -1) return false;
      const start = startOfAddress(word, at);
      const before = word.slice(0, start);
      if (start === at && /[\w.@-]$/.test(before)) return false;
      return !/[/?]/.test(before) && this.#isBelow(trimmed(word.slice(start)));
    });
  }

  #isBelow(whole: string): boolean {
    // Host and beginning of the path say it all; the parser takes its time over a host of megabytes.
    const address = whole.slice(0, 2_000);
    const hasScheme = /^[a-z][a-z\d+.-]*:\/\//.test(address);
    const [authority = ""] = address.split(/[/?#]/, 1);
    // Without a scheme it would be somebody's mail box.
    if (!hasScheme && authority.includes("@")) return false;
    const text = hasScheme ? address.replace(/^[^:]+:/, "http:") : `http://${address}`;
    if (!URL.canParse(text)) return false;
    const { host, port, path } = placeOf(new URL(text));
    return this.#places.some(
      (place) =>
        place.host === host &&
        (place.port === "" || place.port === port) &&
        `${path}/`.startsWith(`${place.path.toLowerCase()}/`),
    );
  }
}

function placeOf({ hostname, port, pathname }: URL): Place {
  return { host: hostname.replace(/\.$/, ""), port, path: pathname.replace(/\/$/, "") };
}

function firstLabel(host: string): string {
  return host.slice(0, host.indexOf(".") === -1 ? host.length : host.indexOf("."));
}

/** In lower case, without what keeps people from clicking it and without brackets and stops around it. */
function plain(text: string): string {
  const refanged = refang(
    text
      .toLowerCase()
      .replace(/%2e|[\u3002\uff0e\uff61]/g, ".")
      // As JSON writes it.
      .replaceAll("\\/", "/"),
  );
  return trimmed(refanged);
}

const around = "()[]{}.,:;!?*_~'\"`<>«»“”‘’";

function trimmed(text: string): string {
  let [start, end] = [0, text.length];
  const isAround = (char: string): boolean => around.includes(char) || char.trim() === "";
  while (start < end && isAround(text.charAt(start))) start += 1;
  while (start < end && isAround(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

/** Where the address begins whose host stands at `host`: at its scheme, if it has one. */
function startOfAddress(word: string, host: number): number {
  const colon = word.lastIndexOf("://", host);
  if (colon === -1 || !/^(?:[^/?#]*@)?$/.test(word.slice(colon + 3, host))) return host;
  let start = colon;
  while (start > 0 && /[a-z\d+.-]/.test(word.charAt(start - 1))) start -= 1;
  return start;
}
