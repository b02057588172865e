import type { Artifact, FileDigests, JsonValue } from "../../src/core/artifact.js";
import { PayloadTooLargeError } from "../../src/core/errors.js";
import { withoutEnd } from "../../src/core/without-end.js";
import type { Candidate } from "./candidate.js";
import {
  asCidr,
  asCve,
  asEmail,
  asHash,
  asIp,
  asIpWithPort,
  asName,
  asUrl,
  hostBehindImpossiblePort,
  maxValueChars,
  recognise,
  recogniseRefanged,
  refang,
  portTwin,
  slashTwin,
} from "./normalise.js";

type Extract = (value: JsonValue) => readonly (Candidate | undefined)[];

/** Different words of one artifact, each of which costs time: no mail has as many in one header. */
const maxWords = 3_000;

/**
 * What of an artifact TruSTAR can know; none = it can't know this artifact. Types that are missing here have no
 * counterpart there (ports, MAC addresses, mutexes, host and user names, …) and are never asked about.
 * @throws PayloadTooLargeError too many words in a header or in a list of addresses
 */
export function candidatesOf(artifact: Artifact, file?: FileDigests): readonly Candidate[] {
  const extract = extractors.get(artifact.type);
  const fromValue = extract === undefined ? [] : extract(artifact.value);
  const fromFile = file === undefined ? [] : [file.sha256, file.sha1, file.md5].map(asHash);
  const unique = new Map<string, Candidate>();
  for (const candidate of [...fromFile, ...fromValue]) {
    if (candidate !== undefined) unique.set(candidate.value, candidate);
  }
  return [...unique.values()];
}

const text =
  (read: (text: string) => Candidate | undefined): Extract =>
  (value) =>
    typeof value === "string" ? [read(refanged(value))] : [];

/** Nothing is left of what is too long for an indicator. */
function refanged(value: string): string {
  const whole = value.trim();
  return whole.length > maxValueChars ? "" : refang(whole);
}

const urlOrOther = text((value) => asUrl(withoutBlanks(value)) ?? recogniseRefanged(value));

const url: Extract = (value) => {
  const [found] = urlOrOther(value);
  if (found?.kind !== "URL") return [found];
  const bare = portTwin(found);
  return [found, slashTwin(found), bare, bare && slashTwin(bare), hostBehindImpossiblePort(found)];
};

/** Mail programs show the blank that a link holds as `%20`. */
function withoutBlanks(url: string): string {
  return url.replaceAll(" ", "%20");
}

const fileName = text((value) => asName("SOFTWARE", value));

/** The addresses in "Name <a@b.example>, c@d.example". An apostrophe is part of a name (o'brien), around it a quote. */
const addresses: Extract = (value) => {
  const texts = (Array.isArray(value) ? value : [value]).filter((part) => typeof part === "string");
  return different(refang(texts.join(" ")), wordPattern).map((word) => asEmail(unquoted(word)));
};

/** What blanks and the punctuation of lists leave. */
const wordPattern = /[^\s<>",;()]+/g;

/**
 * What a pattern finds in a text, each once, without what is too long for an indicator.
 * @throws PayloadTooLargeError it is too much
 */
function different(text: string, pattern: RegExp): readonly string[] {
  const found = new Set<string>();
  for (const [word] of text.matchAll(pattern)) {
    if (word.length <= maxValueChars) found.add(word);
    if (found.size > maxWords) {
      throw new PayloadTooLargeError(`value: more than ${maxWords} different words in one artifact`);
    }
  }
  return [...found];
}

/** `{name, value}`: a header's own grammar says which part of it is an indicator. */
const header: Extract = (value) => {
  const name = readText(value, "name").toLowerCase();
  const content = typeof value === "string" ? value : readText(value, "value");
  // Versions in a User-Agent look like addresses; only the link that crawlers leave there means something.
  if (name === "user-agent") return linksIn(content);
  if (secretHeader.test(name)) return [];
  const words = different(content, wordPattern).map(bareWord);
  if (hostHeaders.has(name)) return words.map((word) => recognise(word.replace(/:\d+$/, "")));
  // A word with a dot in it is not yet a host name: only what can't be prose is taken from free text. And what looks
  // like a file's hash in a header is far more often a token (X-CSRF, If-None-Match, …), except in a subject.
  const hashIn = name === "subject" ? asHash : () => undefined;
  const inWords = words
    .map(refang)
    .map((word) => asIp(word) ?? asIpWithPort(word) ?? hashIn(word) ?? asEmail(word) ?? asUrl(word));
  return [asUrl(refanged(content)), ...linksIn(refang(content)), ...inWords];
};

/** Authorization, Cookie, X-Api-Key, …: whatever is in there is a credential. */
const secretHeader =
  /^(?:proxy-)?authorization$|^(?:set-)?cookie2?$|(?:^|-)(?:token|secret|password|session(?:-id)?|api-?key)$/;

/** A word without the name before it (`for=`, `client-ip=`) and the punctuation of the sentence around it. */
function bareWord(word: string): string {
  const value = unquoted(word.replace(/^[a-z][\w.-]*=/i, ""));
  return withoutEnd(value.replace(/^[[{(]+(?:IPv6:)?/i, ""), "])}.!?:");
}

function unquoted(word: string): string {
  return withoutEnd(word.replace(/^'+/, ""), "'");
}

const hostHeaders: ReadonlySet<string> = new Set(["host", ":authority", "x-forwarded-host"]);

/** Links in a text, without what belongs to the sentence rather than to the link. */
function linksIn(content: string): readonly (Candidate | undefined)[] {
  return different(content, /https?:\/\/[^\s<>"]+/gi).map((link) => {
    const bare = withoutEnd(link, "]}.,;:!?'");
    return asUrl(bare.includes("(") ? bare : withoutEnd(bare, ")]}.,;:!?'"));
  });
}

/** `{key, entry_name?, entry_value?}`; the bare key may come as text. */
const registry: Extract = (value) => {
  const key = (typeof value === "string" ? value : readText(value, "key")).trim();
  const entry = readText(value, "entry_name").trim();
  const names = entry === "" ? [key] : [key, `${withoutEnd(key, "\\")}\\${entry}`];
  return names.map((name) => asName("REGISTRY_KEY", name));
};

function readText(value: JsonValue, field: string): string {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return "";
  const member = (value as { readonly [key: string]: JsonValue })[field];
  return typeof member === "string" ? member : "";
}

/** By wire name; source: the artifact table of the Custom Threat Service Guide. */
const extractors: ReadonlyMap<string, Extract> = new Map<string, Extract>([
  ["net.ip", text((value) => asIp(value) ?? asCidr(value) ?? asIpWithPort(value))],
  ["net.cidr", text((value) => asCidr(value) ?? asIp(value))],
  ["net.name", text(recogniseRefanged)],
  ["net.uri", url],
  ["email.header", header],
  ["email.header.sender_address", addresses],
  ["email.header.sender_name", addresses],
  ["email.header.to", addresses],
  ["net.http.request.header", header],
  ["net.http.response.header", header],
  ["hash.md5", text(asHash)],
  ["hash.sha1", text(asHash)],
  ["hash.sha256", text(asHash)],
  ["file.name", fileName],
  ["file.content", fileName],
  ["process.name", fileName],
  ["threat.report.cve", text(asCve)],
  ["threat.malware.family", text((value) => asName("MALWARE", value))],
  ["system.registry", registry],
  ["string", text(recogniseRefanged)],
]);
