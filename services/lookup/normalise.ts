import { isIP, isIPv6 } from "node:net";
import { domainToASCII } from "node:url";
import { firstAddress, readNetwork } from "../../src/core/addresses.js";
import type { Candidate, CandidateKind } from "./candidate.js";

/** Longer than any indicator; what is longer is text. */
const maxValueChars = 4_096;

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
  const address = text.replace(/^\[(.*)\]$/, "$1").replace(/%.*$/, "");
  if (isIP(address) === 0) return undefined;
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
  if (/[/?#\\@:\s]/.test(text)) return undefined; // domainToASCII would take the host out of a URL
  const name = domainToASCII(text.replace(/\.$/, "")).toLowerCase();
  const labels = name.split(".");
  const top = labels.at(-1) ?? "";
  if (name.length > 253 || labels.length < 2 || !/[a-z]/.test(top)) return undefined;
  return labels.every((label) => hostLabel.test(label)) ? { kind: "DOMAIN", value: name } : undefined;
}

const unfitInUrl = /[\s\p{Cc}]/u;

/**
 * Scheme and host in lower case, credentials taken out (they are somebody's secret), the rest as written: TruSTAR
 * keeps URLs as they were reported.
 */
export function asUrl(text: string): Candidate | undefined {
  const match = /^([a-z][a-z0-9+.-]*):\/\/(?:[^/?#\\]*@)?([^/?#\\]+)(.*)$/is.exec(text);
  if (match === null || text.length > maxValueChars || unfitInUrl.test(text)) return undefined;
  const [, scheme = "", host = "", rest = ""] = match;
  return { kind: "URL", value: `${scheme.toLowerCase()}://${asciiHost(host)}${rest}` };
}

/** A name in another script is kept by TruSTAR, and known to the network, in its ASCII form. The port stays. */
function asciiHost(host: string): string {
  const [, name = host, port = ""] = /^(.*?)(:\d+)?$/.exec(host) ?? [];
  return `${(/[^\p{ASCII}]/u.test(name) && domainToASCII(name)) || name.toLowerCase()}${port}`;
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
  const host = withoutImpossiblePort(url.value)
    ?.replace(/^[^/?#]*?:\/\//, "")
    .replace(/[/?#\\].*$/, "");
  return host === undefined ? undefined : (asDomain(host) ?? asIp(host));
}

/** With and without the slash after the host a URL means the same, and TruSTAR may have either. */
export function slashTwin(url: Candidate): Candidate | undefined {
  const match = /^([^:]+:\/\/[^/?#\\]+)(\/?)$/.exec(url.value);
  if (match?.[1] === undefined) return undefined;
  return { kind: "URL", value: match[2] === "/" ? match[1] : `${match[1]}/` };
}

/** A URL without its scheme: `evil.example/login`. A user name with a password in front of it is taken out. */
export function asSchemelessUrl(text: string): Candidate | undefined {
  const match = /^(?:[^/?#@\s]*:[^/?#@\s]*@)?([^/?#:@\s]+)(:\d{1,5})?([/?#]\S*)?$/.exec(text);
  if (match === null || unfitInUrl.test(text)) return undefined;
  const [, host = "", port = "", rest = ""] = match;
  const name = asDomain(host) ?? asIp(host);
  if (name === undefined) return undefined;
  return port === "" && (rest === "" || rest === "/")
    ? name
    : { kind: "URL", value: `${name.value}${port}${rest}` };
}

export function asEmail(text: string): Candidate | undefined {
  const match = /^([^\s@<>":/\\\p{Cc}]{1,64})@([^\s@<>"]+)$/u.exec(text);
  const domain = match?.[2] === undefined ? undefined : asDomain(match[2]);
  if (match?.[1] === undefined || domain === undefined) return undefined;
  return { kind: "EMAIL_ADDRESS", value: `${match[1].toLowerCase()}@${domain.value}` };
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
  return recogniseRefanged(refang(text.trim()));
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
