import { isIP, isIPv6 } from "node:net";
import { domainToASCII } from "node:url";
import { firstAddress, readNetwork } from "../../src/core/addresses.js";
import type { Candidate, CandidateKind } from "./candidate.js";

/**
 * Longer than any indicator: what is longer is text. Each reader below checks it, or a smaller bound of its own, before
 * any pattern or parser sees the text, for some of these take far more than twice the time for twice the length.
 */
export const maxValueChars = 4_096;
/** An IPv6 address with an IPv4 one at its end. */
const maxAddressChars = 45;
/** What DNS allows. */
const maxNameChars = 253;
const maxLabelChars = 63;
/** As a URL may write a host: each of its characters escaped as `%41`. */
const maxEscapedNameChars = 3 * maxNameChars;

/** Analysts write indicators so that nobody clicks them: hxxp, [.], (.), [:], [at], [[.]]. */
export function refang(text: string): string {
  return text
    .replace(/^hxxp(s?)(?=\[{0,2}:)/i, "http$1")
    .replace(/\[\[:\/\/\]\]|\[:\/\/\]/g, "://")
    .replace(/\[\[:\]\]|\[:\]/g, ":")
    .replace(/[[({]{2}(?:\.|dot)[\])}]{2}|[[({](?:\.|dot)[\])}]/gi, ".")
    .replace(/[[(]{2}(?:@|at)[\])]{2}|[[(](?:@|at)[\])]/gi, "@");
}

export function asIp(text: string): Candidate | undefined {
  const unbracketed = text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text;
  const [address = ""] = unbracketed.split("%", 1); // a zone means nothing on another machine
  if (address.length > maxAddressChars || isIP(address) === 0 || /[\r\n]/.test(text)) return undefined;
  return { kind: "IP", value: isIPv6(address) ? canonicalIpv6(address) : address };
}

/** `203.0.113.7:443`, `[2001:db8::1]:443`, as proxies write it; the first bracket may be gone. */
export function asIpWithPort(text: string): Candidate | undefined {
  const match = /^(?:(\d{1,3}(?:\.\d{1,3}){3})|\[?([\da-f:.]+)\]):\d{1,5}$/i.exec(text);
  return match === null ? undefined : asIp(match[1] ?? match[2] ?? "");
}

/** `2001:DB8::1`, `2001:db8:0:0::1` and `2001:db8::1` are one address; so are `::ffff:192.0.2.1` and `192.0.2.1`. */
function canonicalIpv6(address: string): string {
  const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const mapped = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/.exec(canonical);
  if (mapped?.[1] === undefined || mapped[2] === undefined) return canonical;
  const bytes = Buffer.alloc(4);
  bytes.writeUInt16BE(Number.parseInt(mapped[1], 16), 0);
  bytes.writeUInt16BE(Number.parseInt(mapped[2], 16), 2);
  return bytes.join(".");
}

export function asCidr(text: string): Candidate | undefined {
  const [address = "", bits = "", ...rest] = text.split("/", 3);
  if (rest.length > 0 || !/^\d{1,3}$/.test(bits)) return undefined;
  const ip = asIp(address);
  if (ip === undefined) return undefined;
  // A block of mapped addresses is a block of IPv4.
  const prefix = isIPv6(address) && !isIPv6(ip.value) ? Number(bits) - 96 : Number(bits);
  const network = readNetwork(`${ip.value}/${prefix}`);
  if (network === undefined) return undefined;
  if (prefix === network.width) return ip; // a block of one is that one
  return { kind: "CIDR_BLOCK", value: `${firstAddress(network)}/${prefix}` };
}

const hostLabel = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/;

/** A host name with a dot in it; a name without one means nothing outside the house. */
export function asDomain(text: string): Candidate | undefined {
  const written = text.endsWith(".") ? text.slice(0, -1) : text;
  // domainToASCII would take the host out of a URL.
  if (written.length > maxNameChars || isTooLongHost(written) || /[/?#\\@:\s]/.test(written))
    return undefined;
  const name = domainToASCII(written).toLowerCase();
  const labels = name.split(".");
  const top = labels.at(-1) ?? "";
  if (name.length > maxNameChars || labels.length < 2 || !/[a-z]/.test(top)) return undefined;
  return labels.every((label) => hostLabel.test(label)) ? { kind: "DOMAIN", value: name } : undefined;
}

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

/**
 * Scheme and host in lower case, credentials taken out (they are somebody's secret), the rest as written: TruSTAR
 * keeps URLs as they were reported.
 */
export function asUrl(text: string): Candidate | undefined {
  if (text.length > maxValueChars || unfitInUrl.test(text)) return undefined;
  const [scheme, afterScheme] = splitScheme(text) ?? [];
  if (scheme === undefined || afterScheme === undefined) return undefined;
  const [authority, rest] = splitBefore(afterScheme, /[/?#\\]/);
  const host = authority.slice(authority.slice(0, -1).lastIndexOf("@") + 1);
  if (host === "" || isTooLongHost(host)) return undefined;
  return { kind: "URL", value: `${scheme.toLowerCase()}://${asciiHost(host)}${rest}` };
}

/** A name in another script is kept by TruSTAR, and known to the network, in its ASCII form. The port stays. */
function asciiHost(host: string): string {
  const port = /:\d+$/.exec(host)?.[0] ?? "";
  const name = host.slice(0, host.length - port.length);
  return `${asciiName(name)}${port}`;
}

/** @param name no longer than a host may be */
export function asciiName(name: string): string {
  return (isForeign(name) && domainToASCII(name)) || name.toLowerCase();
}

function isForeign(name: string): boolean {
  return /\P{ASCII}/u.test(name);
}

/** Punycode takes the square of a label's length. */
function isTooLongHost(host: string): boolean {
  if (!isForeign(host)) return host.length > maxEscapedNameChars;
  const labels = host.length > maxNameChars ? [host] : host.split(/[.\u3002\uff0e\uff61:]/);
  return labels.some((label) => label.length > maxLabelChars);
}

/**
 * The host as a browser would contact it: `http://0x7f.1/` is 127.0.0.1. "" = a browser could not.
 * @param url with or without a scheme
 */
export function hostOf(url: string): string {
  const [, rest = url] = splitScheme(url) ?? [];
  const [authority] = splitBefore(rest, /[/?#\\]/);
  if (isTooLongHost(authority)) return "";
  return hostnameOf(`http://${rest}`) ?? hostnameOf(withoutImpossiblePort(`http://${rest}`) ?? "") ?? "";
}

function hostnameOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, "") : undefined;
}

/** The scheme's own port means the same as none, and TruSTAR may have either; asked for only when it was written. */
export function portTwin(url: Candidate): Candidate | undefined {
  const match = /^(?:(http:\/\/[^/?#\\]+):80|(https:\/\/[^/?#\\]+):443)(?=[/?#]|$)/.exec(url.value);
  const bare = match?.[1] ?? match?.[2];
  return bare === undefined ? undefined : { kind: "URL", value: bare + url.value.slice(match?.[0].length) };
}

/** A URL up to its port, with or without a scheme. */
const portOfUrl = /^((?:[a-z][a-z0-9+.-]*:\/\/)?(?:\[[^\]]*\]|[^/?#\\@:[\]]+)):(\d+)(?=[/?#\\]|$)/i;

/** The same URL without a port that no host can have; undefined when its port is possible, or has none. */
export function withoutImpossiblePort(url: string): string | undefined {
  const [whole = "", beforePort = "", port = ""] = portOfUrl.exec(url) ?? [];
  return Number(port) > 65_535 ? beforePort + url.slice(whole.length) : undefined;
}

/** Nobody can open a URL with an impossible port: what is an indicator in it is its host. */
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

export function asEmail(text: string): Candidate | undefined {
  const at = text.indexOf("@");
  if (at === -1 || text.length > maxValueChars) return undefined;
  const mailbox = text.slice(0, at);
  const domain = /^[^\s@<>":/\\\p{Cc}]{1,64}$/u.test(mailbox) ? asDomain(text.slice(at + 1)) : undefined;
  if (domain === undefined) return undefined;
  return { kind: "EMAIL_ADDRESS", value: `${mailbox.toLowerCase()}@${domain.value}` };
}

/** MD5, SHA-1 or SHA-256 in hex. TruSTAR knows no other. */
export function asHash(text: string): Candidate | undefined {
  return /^(?:[\da-f]{32}|[\da-f]{40}|[\da-f]{64})$/i.test(text)
    ? { kind: "HASH", value: text.toLowerCase() }
    : undefined;
}

export function asCve(text: string): Candidate | undefined {
  return /^cve-\d{4}-\d{4,}$/i.test(text) ? { kind: "CVE", value: text.toUpperCase() } : undefined;
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
    asEmail(text) ??
    asUrl(text) ??
    asSchemelessUrl(text) ??
    asBitcoinAddress(text)
  );
}
