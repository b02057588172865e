import { maxValueChars, type Candidate } from "./candidate.js";
import { percentDecoded, withoutEntities } from "./spelling.js";
import { asciiHost, asDomain, asIp, isTooLongHost } from "./host-value.js";

const unfitInUrl = /[\s\p{Cc}]/u;

/** Two parts of a text, the second from the first of these characters on. */
function splitBefore(text: string, characters: RegExp): readonly [before: string, from: string] {
  const at = text.search(characters);
  return at === -1 ? [text, ""] : [text.slice(0, at), text.slice(at)];
}

/** Its scheme and what follows the slashes. */
function splitScheme(text: string): readonly [scheme: string, rest: string] | undefined {
  const colon = text.indexOf(":");
  const scheme = text.slice(0, Math.max(0, colon));
  const isUrl = text.startsWith("://", colon) && /^[a-z][a-z0-9+.-]*$/i.test(scheme);
  return isUrl ? [scheme, text.slice(colon + "://".length)] : undefined;
}

interface UrlParts {
  readonly scheme: string;
  /** With its port. */
  readonly host: string;
  /** Path, query and fragment. */
  readonly rest: string;
}

/** Credentials are left out: they are a secret. */
function partsOf(text: string): UrlParts | undefined {
  if (text.length > maxValueChars || unfitInUrl.test(text)) return undefined;
  const [scheme, afterScheme] = splitScheme(text) ?? [];
  if (scheme === undefined || afterScheme === undefined) return undefined;
  const [authority, rest] = splitBefore(afterScheme, /[/?#\\]/);
  const host = authority.slice(authority.slice(0, -1).lastIndexOf("@") + 1);
  return host === "" || isTooLongHost(host) ? undefined : { scheme, host, rest };
}

/** Scheme and host in lower case, the rest as written: TruSTAR keeps URLs as they were reported. */
export function asUrl(text: string): Candidate | undefined {
  const parts = partsOf(text);
  if (parts === undefined) return undefined;
  const { scheme, host, rest } = parts;
  return { kind: "URL", value: `${scheme.toLowerCase()}://${asciiHost(host)}${rest}` };
}

/** The same with scheme and host as they were written. */
export function asWrittenUrl(text: string): Candidate | undefined {
  const parts = partsOf(text);
  return parts && { kind: "URL", value: `${parts.scheme}://${parts.host}${parts.rest}` };
}

/**
 * The host as a browser would contact it: `http://0x7f.1/` is 127.0.0.1. "" = a browser could not, and DNS neither.
 * @param url with or without a scheme
 */
export function hostOf(url: string): string {
  const [, rest = url] = splitScheme(url) ?? [];
  const [authority] = splitBefore(rest, /[/?#\\]/);
  if (isTooLongHost(authority)) return "";
  const contacted = hostnameOf(`http://${rest}`) ?? hostnameOf(withoutImpossiblePort(`http://${rest}`) ?? "");
  const host =
    contacted ?? asDomain(authority.slice(authority.lastIndexOf("@") + 1).replace(/:\d+$/, ""))?.value;
  return host ?? "";
}

function hostnameOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, "") : undefined;
}

/** The scheme's own port means the same as none, and TruSTAR may have either; asked for only when it was written. */
export function portTwin(url: Candidate): Candidate | undefined {
  const match = /^(?:(http:\/\/[^/?#\\]+):80|(https:\/\/[^/?#\\]+):443)(?=[/?#]|$)/i.exec(url.value);
  const bare = match?.[1] ?? match?.[2];
  return bare === undefined ? undefined : { kind: "URL", value: bare + url.value.slice(match?.[0].length) };
}

/** A URL up to its port, with or without a scheme. */
const portOfUrl = /^((?:[a-z][a-z0-9+.-]*:\/\/)?(?:\[[^\]]*\]|[^/?#\\@:[\]]+)):(\d+)(?=[/?#\\]|$)/i;

/** The same URL without a port that no host can have; undefined when its port is possible, or has none. */
function withoutImpossiblePort(url: string): string | undefined {
  const [whole = "", beforePort = "", port = ""] = portOfUrl.exec(url) ?? [];
  return Number(port) > 65_535 ? beforePort + url.slice(whole.length) : undefined;
}

/** A URL with an impossible port can't be opened: what is an indicator in it is its host. */
export function hostBehindImpossiblePort(url: Candidate): Candidate | undefined {
  const possible = withoutImpossiblePort(url.value);
  if (possible === undefined) return undefined;
  const [host] = splitBefore(splitScheme(possible)?.[1] ?? possible, /[/?#\\]/);
  return asDomain(host) ?? asIp(host);
}

/** With and without the slash after the host a URL means the same, and TruSTAR may have either. */
export function slashTwin(url: Candidate): Candidate | undefined {
  const match = /^([^:]+:\/\/[^/?#\\]+)(\/?)$/.exec(url.value);
  if (match?.[1] === undefined) return undefined;
  return { kind: "URL", value: match[2] === "/" ? match[1] : `${match[1]}/` };
}

/** A URL without its scheme: `evil.example/login`. A user name with a password in front of it is taken out. */
export function asSchemelessUrl(text: string): Candidate | undefined {
  if (text.length > maxValueChars || unfitInUrl.test(text)) return undefined;
  const [authority, rest] = splitBefore(text, /[/?#]/);
  const login = authority.slice(0, authority.indexOf("@") + 1);
  if (login !== "" && !login.includes(":")) return undefined;
  const [, host = "", port = ""] = /^([^:@]+)(:\d{1,5})?$/.exec(authority.slice(login.length)) ?? [];
  const name = asDomain(host) ?? asIp(host);
  if (name === undefined) return undefined;
  return port === "" && (rest === "" || rest === "/")
    ? name
    : { kind: "URL", value: `${name.value}${port}${rest}` };
}

/** The host of `evil.example:8443`, which is known by its name as well. */
export function hostBeforePort({ kind, value }: Candidate): Candidate | undefined {
  const [, host = ""] = (kind === "URL" && /^([^:/?#\\@]+):\d{1,5}(?:\/(?:tcp|udp)?)?$/.exec(value)) || [];
  return asDomain(host) ?? asIp(host);
}

/** What of a URL may be asked when something in it must not leave, the most first: without its query, its host alone. */
export function publicParts({ kind, value }: Candidate): readonly Candidate[] {
  if (kind !== "URL") return [];
  // An entity's "#" is none of the URL.
  const [withoutQuery] = splitBefore(withoutEntities(value), /[?#]/);
  const [scheme, afterScheme] = splitScheme(withoutQuery) ?? [];
  const [host] = splitBefore(afterScheme ?? withoutQuery, /[/\\]/);
  const origin = scheme === undefined ? asSchemelessUrl(host) : url(`${scheme}://${host}`);
  return [url(withoutQuery), ...(origin === undefined ? [] : [origin])];
}

function url(value: string): Candidate {
  return { kind: "URL", value };
}

/** Microsoft's Safe Links carry the link, and the address of the person that it was sent to. */
const safeLink =
  /^(?:https?:\/\/)?[^/?#\\]{0,200}\.safelinks\.protection\.[a-z\d.]{1,30}(?::\d{1,5})?(?=[/?#\\]|$)/i;

export function isSafeLink(url: string): boolean {
  return safeLink.test(url);
}

/** The link that a Safe Link leads to; "" when it has none. */
export function linkInside(url: string): string {
  return percentDecoded(/[?&;#/]url=([^&#]+)/i.exec(url)?.[1] ?? "");
}
