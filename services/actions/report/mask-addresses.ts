import { BlockList, isIP } from "node:net";
import { addressMarker, dot, maskMatches, type MaskResult, plainDots, type Span } from "./masking.js";

/** Private, loopback, link-local and carrier NAT; not what is merely reserved. */
const privateBlocks = [
  ["10.0.0.0", 8, "ipv4"],
  ["100.64.0.0", 10, "ipv4"],
  ["127.0.0.0", 8, "ipv4"],
  ["169.254.0.0", 16, "ipv4"],
  ["172.16.0.0", 12, "ipv4"],
  ["192.168.0.0", 16, "ipv4"],
  ["::1", 128, "ipv6"],
  ["fc00::", 7, "ipv6"],
  ["fe80::", 10, "ipv6"],
  ["fec0::", 10, "ipv6"],
] as const;

const privateList = new BlockList();
for (const [address, bits, family] of privateBlocks) privateList.addSubnet(address, bits, family);

const octet = String.raw`\d{1,3}`;
const ipv4 = new RegExp(String.raw`(?<!\d|\d\.)${octet}(?:${dot}${octet}){3}(?!\d|\.\d)`, "giu");
/** Hexadecimal digits with colons and dots, also defanged; what of it is an address is looked at afterwards. */
const ipv6Run = /(?:[\da-f:.]|\[[:.]\])+/gi;
const zone = /%[\w.-]+/y;
/** `http://0x7f.1/`, `http://167772161/`: a browser reads these as addresses. */
const numericHost =
  /(?<=:\/\/(?:[^\s/@]{0,200}@)?)(?:0x[\da-f]{1,8}|\d{1,12})(?:\.(?:0x[\da-f]{1,8}|\d{1,12})){0,3}(?![\w.-])/gi;

/** IPv6 first: an IPv4 address may be its end (`::ffff:10.0.0.1`). */
export function maskPrivateAddresses(text: string): MaskResult {
  const six = maskMatches(halfWidth(text), ipv6Run, addressMarker, findIpv6, text);
  const four = maskMatches(halfWidth(six.text), ipv4, addressMarker, findIpv4, six.text);
  const numeric = maskMatches(halfWidth(four.text), numericHost, addressMarker, findNumericHost, four.text);
  return { text: numeric.text, count: six.count + four.count + numeric.count };
}

/** Full-width signs as ASCII, position by position. */
function halfWidth(text: string): string {
  return text.replace(/[\uff01-\uff5e]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0));
}

function findIpv4(match: RegExpExecArray): Span | undefined {
  // Leading zeros are padding to a person, and an error to a parser.
  const address = plainDots(match[0])
    .split(".")
    .map((part) => String(Number(part)))
    .join(".");
  return isPrivate(address) ? spanOf(match) : undefined;
}

function findNumericHost(match: RegExpExecArray): Span | undefined {
  const url = `http://${match[0]}/`;
  return URL.canParse(url) && isPrivate(new URL(url).hostname) ? spanOf(match) : undefined;
}

function findIpv6(match: RegExpExecArray): Span | undefined {
  const run = match[0];
  if (run.indexOf(":") === run.lastIndexOf(":")) return undefined;
  // The end of a word in front is no part of an address: `Source:fe80::1`.
  const inWord = /[\p{L}\p{N}_]/u.test(match.input.charAt(match.index - 1));
  const lead = (inWord ? /^[\da-f]*[.:]+/i : /^(?:\.+|:(?!:))/).exec(run)?.[0].length ?? 0;
  const end = withoutPunctuation(run);
  const address = run.slice(lead, end).replace(/\[([:.])\]/g, "$1");
  if (!/[\da-f]/i.test(address) || !isPrivate(address)) return undefined;
  return withSurroundings(match.input, match.index + lead, match.index + end);
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
  const family = isIP(address);
  if (family === 0) return false;
  return privateList.check(address, family === 6 ? "ipv6" : "ipv4");
}

function spanOf(match: RegExpExecArray): Span {
  return { start: match.index, end: match.index + match[0].length };
}
