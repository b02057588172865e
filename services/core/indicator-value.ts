import { maxValueChars, type Candidate, type CandidateKind } from "./candidate.js";
import { asCidr, asDomain, asIp, asIpWithPort, bareAddress } from "./host-value.js";
import { refang, spellingsOf, withoutInvisible } from "./spelling.js";
import {
  asSchemelessUrl,
  asUrl,
  asWrittenUrl,
  hostBeforePort,
  hostOf,
  portTwin,
  slashTwin,
} from "./url-value.js";

/*
 * The one normalisation of indicator values. `readIndicator` gives every way in which a written value may be known,
 * `comparable` one text that is alike for all of them: look-ups, actions and the rules of what may leave use both.
 */

export type ReadOne = (text: string) => Candidate | undefined;

export function asEmail(text: string): Candidate | undefined {
  const at = text.indexOf("@");
  if (at === -1 || text.length > maxValueChars) return undefined;
  const mailbox = text.slice(0, at);
  // Longer than RFC 5321 has it, and with "/" and "=": bounces and relays write another address into it.
  const domain = /^[^\s@<>":\\\p{Cc}]{1,512}$/u.test(mailbox) ? asDomain(text.slice(at + 1)) : undefined;
  if (domain === undefined) return undefined;
  return { kind: "EMAIL_ADDRESS", value: `${mailbox.toLowerCase()}@${domain.value}` };
}

/** What every empty file has: a hit on it would say nothing. */
const ofEmptyFile: ReadonlySet<string> = new Set([
  "d41d8cd98f00b204e9800998ecf8427e",
  "da39a3ee5e6b4b0d3255bfef95601890afd80709",
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
]);
const hashLabel =
  /^(?:md5|sha-?1|sha-?(?:2-?)?256|hash)(?:sum)?\s{0,3}(?:\([^)]{0,300}\)\s{0,3})?[:=]?\s{0,3}(?=[\da-f]{2})/i;
const hashLine = /^([\da-f]{32}|[\da-f]{40}|[\da-f]{64})\s{1,3}\*?\S/i;
const inPairs = /^[\da-f]{2}(?:[:\-_\s][\da-f]{2}){15,31}$/i;

/**
 * MD5, SHA-1 or SHA-256 in hex; TruSTAR knows no other. Also with a label (`sha256:`, `MD5 (a.exe) = `), in pairs
 * (`AA:BB:…`), and a line of md5sum.
 */
export function asHash(text: string): Candidate | undefined {
  if (text.length > maxValueChars) return undefined;
  const unlabelled = text.replace(hashLabel, "").replace(/^0x/, "");
  const hex = inPairs.test(unlabelled)
    ? unlabelled.replace(/[:\-_\s]/g, "")
    : (hashLine.exec(unlabelled)?.[1] ?? unlabelled);
  const value = hex.toLowerCase();
  const isHash = /^(?:[\da-f]{32}|[\da-f]{40}|[\da-f]{64})$/.test(value) && !ofEmptyFile.has(value);
  return isHash ? { kind: "HASH", value } : undefined;
}

const hashAnywhere = /(?<![\da-f])(?:[\da-f]{64}|[\da-f]{40}|[\da-f]{32})(?![\da-f])/gi;

const inGroups = /^[\da-f]{4,8}(?:[:\-_\s][\da-f]{4,8}){3,15}$/i;

/** In a text that names them, or a file: `MD5 hash: …`, `[SHA1] …`, `evil.exe: …`, `MD5=…,SHA256=…`; or in groups. */
export function hashesIn(text: string): readonly string[] {
  if (text.length > 600) return [];
  const whole = inGroups.test(text.trim()) ? text.replace(/[:\-_\s]/g, "") : text;
  return Array.from(whole.replace(/\b0x/g, " ").matchAll(hashAnywhere), ([hash]) => hash);
}

const cve =
  /cve[\s\p{Pd}_:\u2043\u2212]{0,3}(?<year>(?:19|20)\d{2})[\s\p{Pd}_\u2043\u2212]{0,3}(?<number>\d{4,19})(?!\d)/iu;

/** Also with typographic dashes, blanks or underscores: `CVE\u20132021\u201344228`, `CVE 2021 44228`. */
export function asCve(text: string): Candidate | undefined {
  const found = text.length < 64 ? cve.exec(text) : null;
  if (found?.groups === undefined || found[0] !== text) return undefined;
  return { kind: "CVE", value: `CVE-${found.groups["year"]}-${found.groups["number"]}` };
}

/** All in a text. */
export function cvesIn(text: string): readonly string[] {
  return text.length > maxValueChars
    ? []
    : Array.from(text.matchAll(new RegExp(cve, "giu")), ([found]) => found);
}

export function asBitcoinAddress(text: string): Candidate | undefined {
  return /^(?:bc1[a-z0-9]{25,59}|[13][1-9A-HJ-NP-Za-km-z]{25,34})$/.test(text)
    ? { kind: "BITCOIN_ADDRESS", value: text }
    : undefined;
}

/** A name that follows no syntax: malware family, file name, registry key. Control characters are never part of one. */
export function asName(kind: CandidateKind, text: string): Candidate | undefined {
  const named = text.length >= 3 && text.length <= 512 && !/\p{Cc}/u.test(text);
  return named ? { kind, value: text } : undefined;
}

/** What a text is when the whole of it is one indicator. */
export function recognise(text: string): Candidate | undefined {
  const whole = text.trim();
  return whole.length > maxValueChars ? undefined : recogniseRefanged(refang(whole));
}

export function recogniseRefanged(text: string): Candidate | undefined {
  if (text.length > maxValueChars) return undefined;
  return (
    asIp(text) ??
    asCidr(text) ??
    asHash(text) ??
    asCve(text) ??
    (text.startsWith("[") ? asIpWithPort(text) : undefined) ??
    // Of `evil.example/x@y.example` the path holds an address; a relay's mailbox may hold a slash.
    (/^[^/@]*\/[^@]*@/.test(text) ? asSchemelessUrl(text) : undefined) ??
    asEmail(text) ??
    asUrl(text) ??
    asSchemelessUrl(text) ??
    asBitcoinAddress(text)
  );
}

/**
 * What a written value may be known as, each once: normalised, as it was written (some servers keep upper case, and find
 * the very text only), and of `host:port` and `a|b` the parts.
 * @param read what the whole of a spelling has to be; default: any kind
 */
export function readIndicator(written: string, read: ReadOne = recogniseRefanged): readonly Candidate[] {
  const forms = readSpellings(written, read);
  // A "|" may be of a URL as well.
  const parts = written.includes("|") ? written.split("|", 3) : [];
  const readPart = (text: string): Candidate | undefined => read(text) ?? recogniseRefanged(text);
  return distinct([...forms, ...parts.flatMap((part) => readSpellings(part, readPart))]);
}

function readSpellings(written: string, read: ReadOne): readonly Candidate[] {
  const found = spellingsOf(written).flatMap((text) => {
    const candidate = read(text);
    if (candidate === undefined) return [];
    return [candidate, asWritten(candidate, text), hostBeforePort(candidate)];
  });
  const candidates = distinct(found);
  // As it was written a URL may have no host that can be contacted: `http://evil[.]example/`.
  const isReadable = ({ kind, value }: Candidate): boolean => kind !== "URL" || hostOf(value) !== "";
  const readable = candidates.length > 1 ? candidates.filter(isReadable) : candidates;
  return readable.length > 0 ? readable : candidates;
}

/** @param text of which the whole is the candidate */
function asWritten({ kind }: Candidate, text: string): Candidate | undefined {
  // A server may refuse what is not visible, and with it all that is asked in the same call.
  if (withoutInvisible(text) !== text) return undefined;
  switch (kind) {
    case "IP":
      return asIp(text) && { kind, value: bareAddress(text) };
    case "DOMAIN":
      return text.includes("@") ? undefined : { kind, value: text.replace(/[./]$/, "") };
    case "URL":
      return asWrittenUrl(text) ?? (text.includes("@") ? undefined : { kind, value: text });
    case "HASH":
      return /^[\da-f]+$/i.test(text) ? { kind, value: text } : undefined;
    case "CVE":
      return /^cve-\d+-\d+$/i.test(text) ? { kind, value: text } : undefined;
    case "CIDR_BLOCK":
    case "EMAIL_ADDRESS":
    case "MALWARE":
    case "SOFTWARE":
    case "REGISTRY_KEY":
    case "BITCOIN_ADDRESS":
      return { kind, value: text };
  }
}

/** The first of each value. */
export function distinct(candidates: readonly (Candidate | undefined)[]): readonly Candidate[] {
  const byValue = new Map<string, Candidate>();
  for (const candidate of candidates) {
    if (candidate !== undefined && !byValue.has(candidate.value)) byValue.set(candidate.value, candidate);
  }
  return [...byValue.values()];
}

/**
 * Alike for all spellings of one value; not to be asked or shown. Case matters in the path of a URL and nowhere else;
 * a URL's own port and the slash after its host say nothing.
 */
export function comparable(value: string): string {
  const text = value.trim();
  const candidate = asUrl(refang(text.slice(0, maxValueChars + 1))) ?? recognise(text);
  if (candidate?.kind !== "URL") return (candidate?.value ?? text).toLowerCase();
  const bare = portTwin(candidate) ?? candidate;
  return bare.value.endsWith("/") ? (slashTwin(bare) ?? bare).value : bare.value;
}
