import { PayloadTooLargeError } from "../../src/core/errors.js";
import { withoutEnd } from "../../src/core/without-end.js";
import { maxValueChars, type Candidate } from "../core/candidate.js";
import { asDomain, asIp, asIpWithPort } from "../core/host-value.js";
import { asEmail, asHash, distinct, readIndicator, recogniseRefanged } from "../core/indicator-value.js";
import { percentDecoded, refang, withoutEntities, withoutInvisible } from "../core/spelling.js";
import {
  asUrl,
  hostBehindImpossiblePort,
  hostOf,
  isSafeLink,
  linkInside,
  portTwin,
  publicParts,
  slashTwin,
} from "../core/url-value.js";

type Found = readonly (Candidate | undefined)[];

/**
 * What is found in a long text, word by word: nothing is found in most of them, but each takes its time. Who reads it may
 * let others have their turn in between.
 */
export type FoundInText = Iterable<Candidate | undefined>;

/** Different words of one artifact, each of which costs time: no mail has as many in one header. */
const maxWords = 3_000;

/**
 * What a URL may be known as, or whatever else the text is: its spellings, each with and without the slash after its host
 * and its scheme's own port. Of a Safe Link, the link that it leads to, and never the address in its query.
 */
export function readUrl(written: string): readonly Candidate[] {
  const found = readIndicator(written, (text) => asUrl(withoutBlanks(text)) ?? recogniseRefanged(text));
  return distinct(found.flatMap(unwrapped).flatMap(withTwins));
}

/** Mail programs show the blank that a link holds as `%20`. */
function withoutBlanks(url: string): string {
  return url.replaceAll(" ", "%20");
}

function unwrapped(candidate: Candidate): readonly Candidate[] {
  const { value } = candidate;
  if (!isSafeLink(value)) return [candidate];
  return [
    ...readIndicator(linkInside(value), asUrl).flatMap(unwrapped),
    ...publicParts(candidate).slice(0, 1),
  ];
}

function withTwins(found: Candidate): Found {
  if (found.kind !== "URL") return [found];
  const bare = portTwin(found);
  return [found, slashTwin(found), bare, bare && slashTwin(bare), hostBehindImpossiblePort(found)];
}

/** An attacker hides the word from filters: `${${lower:j}ndi:…`, `${${::-j}${::-n}di:…`. */
const hidden = /\$\{(?!jndi:)[^${}]{0,100}?:-?([^${}:]{0,100})\}/gi;

/** Where `${jndi:ldap://203.0.113.7:1389/a}` (Log4Shell) makes its reader connect to: the URL and its host. */
export function jndiTargets(written: string): Found {
  let text = written.includes("%") ? percentDecoded(written) : written;
  if (!text.includes("${") || text.length > maxTextChars) return [];
  for (let depth = 0; depth < 5; depth += 1) text = text.replace(hidden, "$1");
  return [...text.matchAll(/jndi:([a-z]{2,8}:\/\/[^\s"'<>{}$]{1,2000})/gi)].flatMap(([, url = ""]) => {
    const host = hostOf(url);
    return [asIp(host) ?? asDomain(host), asUrl(url)];
  });
}
/** A header that a server accepts. */
const maxTextChars = 16_384;

/** The addresses in "Name <a@b.example>, c@d.example". An apostrophe is part of a name (o'brien), around it a quote. */
export function* mailAddressesIn(written: string): FoundInText {
  const texts = readings(written).flatMap((text) => [text, refang(text)]);
  // A link may hold for whom it was.
  for (const word of words(texts.map(withoutLinks), wordPattern)) {
    yield undefined;
    yield* readIndicator(unquoted(word), asEmail);
  }
}

/** With and without what a reader's eye does not see, and HTML's escapes. */
function readings(text: string): readonly string[] {
  const isShort = text.length <= maxTextChars;
  const decoded =
    isShort || mailLink.test(text) ? withoutEntities(withoutInvisible(text)) : withoutInvisible(text);
  return mailLink.test(decoded) ? [withoutMailQueries(decoded)] : [text, decoded];
}
const mailLink = /mailto:/i;

/** Links in a text; a closing bracket may be theirs. */
export function* linksIn(text: string): FoundInText {
  const texts = readings(text).flatMap((reading) => [reading, refang(reading)]);
  for (const word of words(texts, linkPattern)) {
    const links = word.split(/[,;|](?=[a-z0-9]{3,6}:\/\/)/i, maxWords);
    for (const link of links.flatMap((one) => [one, ...itemOf(one)])) yield* readUrl(withoutEnd(link, "]}"));
  }
}

/** `http://a.example/x;q=1` may be a link in a list as well; never a piece of its query, which could hide what is inside. */
function itemOf(link: string): readonly string[] {
  const [item = ""] = link.split(/[,;]/, 1);
  return item === link || /[?#&]/.test(item) ? [] : [item];
}

function withoutLinks(text: string): string {
  return text.replace(linkPattern, (link) => (mailLink.test(link) ? link : " "));
}

/** What blanks and the punctuation of lists leave. */
const wordPattern = /[^\s<>",;()]+/g;

/** What stands behind the "?" of a `mailto:` is who else gets the mail, and its text: up to the ">" around it, or all. */
function withoutMailQueries(text: string): string {
  const [before = "", ...links] = text.split(/(?<=mailto:)/i);
  let isInBrackets = before.slice(0, -"mailto:".length).endsWith("<");
  const cut = links.map((link) => {
    const end = isInBrackets ? />(?=[\s,;]|$)/ : /$/;
    isInBrackets = link.slice(0, -"mailto:".length).endsWith("<");
    const [, address, rest] = /^([^?\s<>"]*)\s*\?(.*)$/s.exec(link) ?? [];
    return rest === undefined ? link : `${address ?? ""}${rest.slice(rest.search(end))}`;
  });
  return before + cut.join("");
}

/**
 * What a pattern finds in the texts, each once, without what is too long for an indicator.
 * @throws PayloadTooLargeError it is too much
 */
function words(texts: readonly string[], pattern: RegExp): readonly string[] {
  const found = new Set<string>();
  for (const text of new Set(texts)) {
    for (const [word] of text.matchAll(pattern)) {
      if (word.length <= maxValueChars) found.add(word);
      if (found.size > maxWords) {
        throw new PayloadTooLargeError(`value: more than ${maxWords} different words in one artifact`);
      }
    }
  }
  return [...found];
}

const headerName = /^(:?[a-z][\w-]{0,60})\s{0,3}:(?!\/\/)\s*/i;
/** What stands before it in a copy of a mail or of a command. */
const beforeHeader = /^(?:[\s>"'\u200b-\u200f]|-H\s){1,20}/;
const nextHeader = /(?:\r\n|[\r\n]|\\r\\n|\\n)(?=[\s>"']{0,5}:?[a-z][\w-]{0,60}\s{0,3}:)/i;
/** More than any mail has in one text. */
const maxHeaders = 500;

/**
 * A header's own grammar says which part of it is an indicator.
 * @param name undefined: it stands in the text
 * @throws PayloadTooLargeError too many words, or headers
 */
export function* headerCandidates(name: string | undefined, text: string): FoundInText {
  const [first = "", ...others] = text.split(nextHeader);
  if (others.length > maxHeaders) {
    throw new PayloadTooLargeError(`value: more than ${maxHeaders} headers in one artifact`);
  }
  if (name !== undefined && !/^headers?$/i.test(name)) yield* inHeader(name, first);
  else others.unshift(first);
  for (const line of others) {
    const bare = line.replace(beforeHeader, "");
    const [start = "", own = ""] = headerName.exec(bare) ?? [];
    yield* inHeader(own, bare.slice(start.length));
  }
}

/** Whether a text is a header that holds a secret: `Cookie: …`. */
export function isSecretHeader(text: string): boolean {
  return text.split(nextHeader).some((line) => {
    const own = headerName.exec(line.replace(beforeHeader, ""))?.[1];
    return own !== undefined && secretHeader.test(plainName(own));
  });
}

function plainName(name: string): string {
  return withoutEnd(name.trim().toLowerCase(), ": ").replaceAll("_", "-");
}

function* inHeader(writtenName: string, written: string): FoundInText {
  const name = plainName(writtenName);
  if (secretHeader.test(name)) return;
  const isSubject = name === "subject";
  const content = mayHoldVersions.test(name) ? written.replace(version, " ") : written;
  const texts = readings(content);
  if (hostHeaders.has(name)) {
    yield* words(texts, wordPattern).flatMap(readHost);
    return;
  }
  if (!/\S\s+\S/.test(content)) yield* readUrl(content).filter(({ kind }) => kind === "URL");
  yield* linksIn(content);
  yield* jndiTargets(content);
  // Versions in a User-Agent look like addresses; only the link that crawlers leave there means something.
  if (name === "user-agent") return;
  if (addressHeaders.has(name)) yield* mailAddressesIn(content);
  // A word with a dot in it is not yet a host name: only what can't be prose is taken from free text. And what looks
  // like a file's hash in a header is far more often a token (X-CSRF, If-None-Match, …), except in a subject.
  const hasVersions = versionHeaders.test(name);
  const asAddress = (word: string): Candidate | undefined =>
    hasVersions ? undefined : (asIp(word) ?? asIpWithPort(word));
  const read = (word: string): Candidate | undefined =>
    asAddress(word) ?? (isSubject ? asHash(word) : undefined) ?? asEmail(word);
  for (const word of words(texts.map(withoutLinks), wordPattern)) {
    yield undefined;
    yield* readIndicator(bareWord(word), read);
  }
}

/** Authorization, Cookie, X-Api-Key, …: whatever is in there is a credential. */
const secretHeader =
  /(?:^|-)(?:authorization|cookie2?|token|secret|password|session(?:-id)?|(?:api|access|auth)-?key)$/;
const hostHeaders: ReadonlySet<string> = new Set([
  "host",
  ":authority",
  "x-forwarded-host",
  "x-forwarded-server",
  "x-original-host",
  "x-host",
]);
/** What they hold is an address as it is written: `prvs=0123=bad@evil.example`. */
const addressHeaders: ReadonlySet<string> = new Set(
  [
    "from",
    "to",
    "cc",
    "sender",
    "reply-to",
    "return-path",
    "errors-to",
    "envelope-from",
    "envelope-to",
  ].flatMap((name) => [name, `x-${name}`, `resent-${name}`]),
);
const versionHeaders =
  /^(?:server|x-mailer|x-newsreader|x-mimeole|x-powered-by|x-generator|x-aspnet.*|sec-ch-ua.*|.*-version)$/;
/** Where programs put their versions; not where addresses stand that a server has seen. */
const mayHoldVersions = /^received$|^x-(?!.*(?:ip|forwarded|client|remote|sender|source))/;
/** A version of four numbers is no address: `Microsoft SMTP Server id 15.1.225.42`, `(Exim 4.94.2.1)`, `version 0.1.2.3`. */
const version =
  /(?:(?<![\w.@-])(?:id|v|ver|version|build|release|rev|revision|engine)(?:\s{1,3}|=|:\s?)|\((?:exim|postfix|sendmail|qmail)\s{1,3}|smtpsvc\s?\()"?\d{1,3}(?:\.\d{1,3}){3}(?![\d.]*\d)/gi;

/** `evil.example:8080`, `[2001:db8::1]:443`; an address without brackets has no port. */
function readHost(word: string): Found {
  const bare = bareWord(word);
  const address = asIp(word) ?? asIp(bare) ?? asIpWithPort(bare);
  return address === undefined ? readIndicator(bare) : [address];
}

/** A word without the name before it (`for=`, `client-ip=`) and the punctuation of the sentence around it. */
function bareWord(word: string): string {
  const value = unquoted(word.replace(/^[a-z][\w.-]*=/i, ""));
  return withoutEnd(value.replace(/^[[{(]+(?:IPv6:)?/i, ""), "])}.!?:");
}

function unquoted(word: string): string {
  return withoutEnd(word.replace(/^'+/, ""), "'");
}

const linkPattern = /(?:https?|hxxps?|h00ps?|htxps?|(?<![a-z\d+])[a-z][a-z\d+]{1,20}):\/\/[^\s<>"]+/gi;
