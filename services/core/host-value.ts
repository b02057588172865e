import { isIP, isIPv6 } from "node:net";
import { domainToASCII } from "node:url";
import { firstAddress, readNetwork } from "../../src/core/addresses.js";
import type { Candidate } from "./candidate.js";

/** An IPv6 address with an IPv4 one at its end. */
const maxAddressChars = 45;
/** What DNS allows. */
export const maxNameChars = 253;
const maxLabelChars = 63;
/** As a URL may write a host: each of its characters escaped as `%41`. */
const maxEscapedNameChars = 3 * maxNameChars;

export function asIp(text: string): Candidate | undefined {
  const address = bareAddress(text);
  if (address.length > maxAddressChars || isIP(address) === 0 || /[\r\n]/.test(text)) return undefined;
  return { kind: "IP", value: isIPv6(address) ? canonicalIpv6(address) : address };
}

/** Without brackets, and without its zone, which means nothing on another machine. */
export function bareAddress(text: string): string {
  const unbracketed = text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text;
  const [address = ""] = unbracketed.split("%", 1);
  return address;
}

/**
 * `203.0.113.7:443`, `[2001:db8::1]:443/tcp`, `203.0.113.7 443`, as proxies and scanners write it; the first bracket may
 * be gone. Without brackets an IPv6 address has a port only where it would be too long otherwise.
 */
export function asIpWithPort(text: string): Candidate | undefined {
  const match =
    /^(?:(\d{1,3}(?:\.\d{1,3}){3})|\[?([\da-f:.]+)\]|((?:[\da-f]{1,4}:){7}[\da-f]{1,4}))(?:[:;#,]|\s{1,3})\d{1,5}(?:\/(?:tcp|udp))?$/i.exec(
      text,
    );
  return match === null ? undefined : asIp(match[1] ?? match[2] ?? match[3] ?? "");
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

const hostLabel = /^[a-z0-9_-]{1,63}$/;

/**
 * A host name with a dot in it; a name without one means nothing outside the organisation. Names that DNS resolves
 * although IDNA refuses them (`xn--` of the wrong kind, a label that ends in `-`) stay as written.
 */
export function asDomain(text: string): Candidate | undefined {
  const written = text.endsWith(".") ? text.slice(0, -1) : text;
  // domainToASCII would take the host out of a URL.
  if (
    written.length > maxNameChars ||
    isTooLongHost(written) ||
    /[/?#\\@:\s\p{Pi}\p{Pf}\p{Ps}\p{Pe}]/u.test(written)
  )
    return undefined;
  const ascii = domainToASCII(written);
  const name = (ascii === "" && !isForeign(written) ? written : ascii).toLowerCase();
  const labels = name.split(".");
  const top = labels.at(-1) ?? "";
  if (name.length > maxNameChars || labels.length < 2 || !/[a-z]/.test(top)) return undefined;
  return labels.every((label) => hostLabel.test(label)) ? { kind: "DOMAIN", value: name } : undefined;
}

/** A name in another script is kept by TruSTAR, and known to the network, in its ASCII form. The port stays. */
export function asciiHost(host: string): string {
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
export function isTooLongHost(host: string): boolean {
  if (!isForeign(host)) return host.length > maxEscapedNameChars;
  const labels = host.length > maxNameChars ? [host] : host.split(/[.\u3002\uff0e\uff61:]/);
  return labels.some((label) => label.length > maxLabelChars);
}
