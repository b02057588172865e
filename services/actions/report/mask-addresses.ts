import { readNetwork, touchesOneOf } from "../../../src/core/addresses.js";
import { dot, farthest, type Span } from "./masking.js";

/** Private, loopback, link-local and carrier NAT; not what is merely reserved. */
const privateNetworks = [
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "::1/128",
  // NAT64 for local use, wherever it holds its IPv4 address.
  "64:ff9b:1::/48",
  "fc00::/7",
  "fe80::/10",
  "fec0::/10",
]
  .map(readNetwork)
  .filter((network) => network !== undefined);

const octet = String.raw`\d{1,3}`;
const ipv4 = new RegExp(String.raw`(?<!\d|\d\.)${octet}(?:(?:${dot})${octet}){3}(?!\d|\.\d)`, "giu");
const ipv6Run = /(?:[\da-f:.]|\[[:.]\])+/iy;
const longestIpv6 = 120;
const zone = /%[\w.-]{1,64}/y;
/** `http://0x7f.1/`, `http://167772161/`: a browser reads these as addresses. */
const numericHost = /(?:0x[\da-f]{1,8}|\d{1,12})(?:\.(?:0x[\da-f]{1,8}|\d{1,12})){0,3}(?![\w.-])/iy;

/** Private IPv4 addresses, also defanged and with blanks around their dots. */
export function* findIpv4(text: string, from: number, to: number): Generator<Span> {
  const near = text.slice(0, to + farthest);
  ipv4.lastIndex = from;
  for (let match = ipv4.exec(near); match !== null && match.index < to; match = ipv4.exec(near)) {
    const [address] = match;
    // Leading zeros are padding to a person, and an error to a parser.
    const octets = address.split(/\D+/).map((part) => String(Number(part)));
    const end = match.index + address.length;
    const found = isPrivate(octets.join("."));
    if (found) yield { start: match.index, end };
    // Of a list (`1. 10.0.0.5`) the first number is no part of the address.
    ipv4.lastIndex = found ? end : match.index + (octets[0]?.length ?? 1);
  }
}

/** Hosts of URLs that are private addresses in another notation. */
export function* findNumericHosts(text: string, from: number, to: number): Generator<Span> {
  const near = text.slice(0, to + farthest);
  for (let at = near.indexOf("://", from); at >= 0 && at < to; at = near.indexOf("://", at + 3)) {
    const [authority = ""] = near.slice(at + 3, at + 3 + 200).split(/[\s/]/, 1);
    const start = at + 3 + authority.lastIndexOf("@") + 1;
    numericHost.lastIndex = start;
    const host = numericHost.exec(near)?.[0];
    if (host === undefined) continue;
    const url = `http://${host}/`;
    if (URL.canParse(url) && isPrivate(new URL(url).hostname)) yield { start, end: start + host.length };
  }
}

/** Private IPv6 addresses, and those that hold a private IPv4 address: what stands around each colon is looked at once. */
export function* findIpv6(text: string, from: number, to: number): Generator<Span> {
  const near = text.slice(0, to + farthest);
  for (let colon = near.indexOf(":", from); colon >= 0;) {
    const start = runStart(near, colon);
    if (start >= to) return;
    ipv6Run.lastIndex = start;
    const run = ipv6Run.exec(near)?.[0] ?? ":";
    const end = start + run.length;
    const found = run.length > longestIpv6 ? undefined : ipv6In(near, start, run);
    if (found !== undefined) yield found;
    colon = near.indexOf(":", Math.max(found?.end ?? 0, end));
  }
}

function runStart(text: string, colon: number): number {
  let start = text[colon - 1] === "[" && text[colon + 1] === "]" ? colon - 1 : colon;
  const lowest = Math.max(0, colon - longestIpv6);
  while (start > lowest) {
    if (/[\da-f.]/i.test(text.charAt(start - 1))) start -= 1;
    else if (/^\[[:.]\]$/.test(text.slice(Math.max(0, start - 3), start))) start -= 3;
    else break;
  }
  return start;
}

function ipv6In(text: string, index: number, run: string): Span | undefined {
  if (run.indexOf(":") === run.lastIndexOf(":")) return undefined;
  // The end of a word in front is no part of an address: `Source:fe80::1`.
  const inWord = /[\p{L}\p{N}_]/u.test(text.charAt(index - 1));
  const lead = (inWord ? /^[\da-f]*[.:]+/i : /^(?:\.+|:(?!:))/).exec(run)?.[0].length ?? 0;
  const end = withoutPunctuation(run);
  const address = run.slice(lead, end).replace(/\[([:.])\]/g, "$1");
  if (!/[\da-f]/i.test(address) || !isPrivate(address)) return undefined;
  return withSurroundings(text, index + lead, index + end);
}

/** Where a run ends without the full stop or the colon of the sentence; `fe80::` keeps its own. */
function withoutPunctuation(run: string): number {
  let end = run.length;
  while (run[end - 1] === ".") end -= 1;
  return run[end - 1] === ":" && run[end - 2] !== ":" ? end - 1 : end;
}

/** The zone (`%eth0`) names an interface of ours; brackets belong to the address. */
function withSurroundings(text: string, start: number, end: number): Span {
  zone.lastIndex = end;
  const zoned = zone.test(text) ? zone.lastIndex : end;
  const bracketed = text[start - 1] === "[" && text[zoned] === "]";
  return bracketed ? { start: start - 1, end: zoned + 1 } : { start, end: zoned };
}

function isPrivate(address: string): boolean {
  const network = readNetwork(address);
  return network !== undefined && touchesOneOf(network, privateNetworks);
}
