import type { Artifact, FileDigests, JsonValue } from "../../src/core/artifact.js";
import { withoutEnd } from "../../src/core/without-end.js";
import { maxValueChars, type Candidate } from "../core/candidate.js";
import { fileNameOf, programOf } from "../core/file-name.js";
import { asIpWithPort } from "../core/host-value.js";
import {
  asCve,
  asHash,
  asName,
  cvesIn,
  distinct,
  hashesIn,
  readIndicator,
  recogniseRefanged,
  type ReadOne,
} from "../core/indicator-value.js";
import { withoutInvisible } from "../core/spelling.js";
import {
  headerCandidates,
  isSecretHeader,
  jndiTargets,
  linksIn,
  mailAddressesIn,
  readUrl,
  type FoundInText,
} from "./text-candidates.js";

type Extract = (value: JsonValue) => FoundInText;

/** The same as a list, each value once. */
export function candidatesOf(...about: Parameters<typeof findCandidates>): readonly Candidate[] {
  return distinct([...findCandidates(...about)]);
}

/**
 * What of an artifact TruSTAR can know; none = it can't know this artifact. Types that are missing here have no
 * counterpart there (ports, MAC addresses, mutexes, host and user names, …) and are never asked about.
 * @param plainStrings whether a `string` that is no indicator is asked about as it is
 * @throws PayloadTooLargeError too many words in a header or in a list of addresses
 */
export function* findCandidates(
  { type, value }: Artifact,
  file?: FileDigests,
  plainStrings = false,
): FoundInText {
  if (file !== undefined) yield* [file.sha256, file.sha1, file.md5].map(asHash);
  let isIndicator = false;
  for (const found of extractors.get(type)?.(value) ?? []) {
    isIndicator ||= found !== undefined;
    yield found;
  }
  if (plainStrings && !isIndicator && type === "string" && typeof value === "string") {
    yield asName("MALWARE", value.trim());
  }
}

/** Nothing is read of what is too long for an indicator and what may be around it. */
const text =
  (read: (text: string) => FoundInText): Extract =>
  (value) => {
    const whole = typeof value === "string" ? value.trim() : "";
    return whole.length > maxValueChars ? [] : read(whole);
  };

const indicator = (read: ReadOne): Extract => text((value) => readIndicator(value, read));

/** A URL or any other indicator; of a text around them, links, what `mailto:` names, and the one hash in it. */
const anything = text((value) => {
  const found = [...readUrl(value), ...jndiTargets(value)];
  if (found.length > 0 || isSecretHeader(value)) return found;
  const mailboxes = /mailto:|smtp:/i.test(value) ? mailAddressesIn(value) : [];
  return [
    ...linksIn(value),
    ...mailboxes,
    ...vulnerabilities(value),
    ...(namesHash.test(value) && !namesSecret.test(value) ? hashes(value) : []),
  ];
});
/** Or a file: a hash without a word on it is far more often a password or a token. */
const namesHash =
  /(?<![a-z])(?:md5|sha-?1|sha-?2?-?256)(?![a-z])|\.[a-z\d]{2,4}["')\]]?\s{0,3}[:=]|^\\?[\da-f]{32,64}\s{1,3}\S/i;
const namesSecret = /token|session|key|passw|pwd|secret|cookie|auth|user|login|ntlm|\$/i;

function hashes(value: string): readonly Candidate[] {
  const found = readIndicator(value, asHash);
  return found.length > 0
    ? found
    : hashesIn(withoutInvisible(value)).flatMap((hash) => readIndicator(hash, asHash));
}

/** `evil.exe|d41d8…` is what some platforms export: the name and its hash. */
const fileName = text((value) => {
  const [name = "", hash] = value.split("|", 2);
  const isPair = /^\s*[\da-f]{32,64}\s*$/i.test(hash ?? "");
  return [
    ...software(fileNameOf(isPair ? name : value)),
    ...(isPair ? readIndicator(hash ?? "", asHash) : []),
  ];
});

const processName = text((value) => software(programOf(value)));

function software(name: string): readonly (Candidate | undefined)[] {
  return [name, withoutInvisible(name)].map((one) => asName("SOFTWARE", one));
}

const malware = text((value) =>
  [value, withoutInvisible(value)].map((name) => asName("MALWARE", name.trim())),
);

/** Also with a text or further ids behind it. */
const vulnerability: Extract = (value) => vulnerabilities(textsOf(value));

const vulnerabilities = text((value) =>
  cvesIn(withoutInvisible(value)).flatMap((id) => readIndicator(id, asCve)),
);

const mailAddresses: Extract = (value) => mailAddressesIn(textsOf(value));

/** Of a list, its texts in one. */
function textsOf(value: JsonValue): string {
  return (Array.isArray(value) ? value : [value]).filter((part) => typeof part === "string").join(" ");
}

/** `{name, value}`, or both as one text. */
const header: Extract = (value) =>
  typeof value === "string"
    ? headerCandidates(undefined, value)
    : headerCandidates(readText(value, "name").trim() || undefined, readText(value, "value"));

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
  ["net.ip", indicator((value) => asIpWithPort(value) ?? recogniseRefanged(value))],
  ["net.cidr", indicator((value) => asIpWithPort(value) ?? recogniseRefanged(value))],
  ["net.name", indicator(recogniseRefanged)],
  ["net.uri", anything],
  ["email.header", header],
  ["email.header.sender_address", mailAddresses],
  ["email.header.sender_name", mailAddresses],
  ["email.header.to", mailAddresses],
  ["net.http.request.header", header],
  ["net.http.response.header", header],
  ["hash.md5", text(hashes)],
  ["hash.sha1", text(hashes)],
  ["hash.sha256", text(hashes)],
  ["file.name", fileName],
  ["file.content", fileName],
  ["process.name", processName],
  ["threat.report.cve", vulnerability],
  ["threat.malware.family", malware],
  ["system.registry", registry],
  ["string", anything],
]);
