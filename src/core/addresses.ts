import { isIP, isIPv4, isIPv6 } from "node:net";

/** An address (its prefix is its whole width) or a block of them, as a number. */
export interface Network {
  readonly width: 32 | 128;
  readonly bits: bigint;
  readonly prefix: number;
}

/** Longer than any way to write an address or a block. */
const maxAddressChars = 64;

/** `10.0.0.5`, `10.0.0.0/8`, `2001:db8::1`, `64:ff9b::10.0.0.5`, `2001:db8::/32`; undefined = neither. */
export function readNetwork(text: string): Network | undefined {
  if (text.length > maxAddressChars) return undefined;
  const [address = "", length, ...rest] = text.split("/");
  const width = isIPv4(address) ? 32 : isIPv6(address) ? 128 : undefined;
  if (width === undefined || rest.length > 0) return undefined;
  const prefix = length === undefined ? width : /^\d{1,3}$/.test(length) ? Number(length) : NaN;
  if (!(prefix <= width)) return undefined;
  return { width, bits: width === 32 ? ipv4Bits(address) : ipv6Bits(address), prefix };
}

/**
 * Private, loopback, link-local, carrier NAT, multicast or reserved: an address or block of them that has no meaning
 * outside, one whose IPv6 holds such an IPv4 address, or a block that contains some of them. What is no address is not
 * private.
 */
export function isPrivateAddress(text: string): boolean {
  const network = readNetwork(text);
  return network !== undefined && touchesOneOf(network, specialNetworks);
}

/** Whether a network, or an IPv4 address inside its IPv6 form, has an address in common with one of the others. */
export function touchesOneOf(network: Network, others: readonly Network[]): boolean {
  const forms = [network, ...ipv4Inside(network)];
  return others.some((other) => forms.some((form) => overlap(form, other)));
}

/** Their owners answer with any address that stands in front. */
const spelledForAll = /\.(?:nip|sslip|xip)\.io$/;
/** Google's names of its customers' machines, with the last byte first: `245.12.201.35` is 35.201.12.245. */
const spelledBackwards = ".bc.googleusercontent.com";
/** Nobody's host: in a name these are versions and numbers, or the beginning of an address that is spelled backwards. */
const isNobodys = /^(?:0|127|22[4-9]|2[3-5]\d)\./;

/**
 * Addresses that the labels of a host name spell: `app.10.0.0.5.nip.io`, `10-0-0-5.example`; where the name's owner
 * answers with any address in front of it also `0a000005.nip.io` and `fd00--5.sslip.io`.
 */
export function addressesInName(name: string): readonly string[] {
  const parts = name.split(/[-.]/).map((part) => (/^\d{1,3}$/.test(part) ? String(Number(part)) : part));
  if (name.endsWith(spelledBackwards)) parts.reverse();
  const isForAll = spelledForAll.test(name);
  const dotted = parts
    .map((_, at) => parts.slice(at, at + 4).join("."))
    .filter((text) => isForAll || !isNobodys.test(text));
  const labels = isForAll ? name.split(".") : [];
  const written = labels.flatMap((label) => [ipv4OfHex(label.slice(-8)), label.replaceAll("-", ":")]);
  return [...dotted, ...written].filter((text) => isIP(text) !== 0);
}

function ipv4OfHex(text: string): string {
  return /^[\da-f]{8}$/.test(text) ? Buffer.from(text, "hex").join(".") : "";
}

/** The block's address with nothing behind its prefix: `203.0.113.9/24` means `203.0.113.0/24`. */
export function firstAddress({ width, bits, prefix }: Network): string {
  const free = BigInt(width - prefix);
  const first = (bits >> free) << free;
  const size = width === 32 ? 8 : 16;
  const groups = Array.from({ length: width / size }, (_, at) =>
    Number((first >> BigInt(width - size * (at + 1))) & ((1n << BigInt(size)) - 1n)),
  );
  if (width === 32) return groups.join(".");
  const written = groups.map((group) => group.toString(16)).join(":");
  return new URL(`http://[${written}]/`).hostname.slice(1, -1);
}

function overlap(one: Network, other: Network): boolean {
  if (one.width !== other.width) return false;
  const different = BigInt(one.width - Math.min(one.prefix, other.prefix));
  return (one.bits ^ other.bits) >> different === 0n;
}

/** Of a block that holds all of a translation prefix, every IPv4 address is inside. */
function ipv4Inside(network: Network): readonly Network[] {
  if (network.width === 32) return [];
  const found = ipv4Places
    .filter(({ within }) => overlap(network, within))
    .map((place) => ipv4At(network, place));
  // Any network of 64 bits has ISATAP addresses in it: one that says no more than these is not meant.
  const isIsatap = network.prefix >= 96 && isatapMarks.has((network.bits >> 32n) & 0xffff_ffffn);
  return isIsatap ? [...found, ipv4At(network, { from: 96 })] : found;
}

function ipv4At({ bits, prefix }: Network, { from, isInverted = false }: Omit<Ipv4Place, "within">): Network {
  const found = (bits >> BigInt(96 - from)) & 0xffff_ffffn;
  const known = Math.min(32, Math.max(0, prefix - from));
  return { width: 32, bits: isInverted ? found ^ 0xffff_ffffn : found, prefix: known };
}

function ipv4Bits(address: string): bigint {
  return address.split(".").reduce((bits, byte) => (bits << 8n) | BigInt(byte), 0n);
}

function ipv6Bits(address: string): bigint {
  const [plain = ""] = address.split("%", 1);
  const [head = "", tail] = plain.split("::");
  const left = groupsOf(head);
  const right = groupsOf(tail ?? "");
  const zeros = Array<bigint>(Math.max(0, 8 - left.length - right.length)).fill(0n);
  return [...left, ...zeros, ...right].reduce((bits, group) => (bits << 16n) | group, 0n);
}

/** The last two groups may be written as an IPv4 address. */
function groupsOf(text: string): readonly bigint[] {
  if (text === "") return [];
  return text.split(":").flatMap((group) => {
    if (!group.includes(".")) return BigInt(`0x${group}`);
    const bits = ipv4Bits(group);
    return [bits >> 16n, bits & 0xffffn];
  });
}

interface Ipv4Place {
  readonly within: Network;
  /** The bit at which the IPv4 address begins. */
  readonly from: number;
  /** Teredo writes its client with all bits turned over. */
  readonly isInverted?: boolean;
}

/** Where IPv6 carries IPv4: compatible, mapped, translated (SIIT), NAT64, 6to4, Teredo's server and client. */
const ipv4Places: readonly Ipv4Place[] = [
  { within: network("::/96"), from: 96 },
  { within: network("::ffff:0:0/96"), from: 96 },
  { within: network("::ffff:0:0:0/96"), from: 96 },
  { within: network("64:ff9b::/96"), from: 96 },
  { within: network("2002::/16"), from: 16 },
  { within: network("2001::/32"), from: 32 },
  { within: network("2001::/32"), from: 96, isInverted: true },
];

/** The first half of an ISATAP interface, for a private and for a public IPv4 address behind it. */
const isatapMarks: ReadonlySet<bigint> = new Set([0x0000_5efen, 0x0200_5efen]);

/** IANA's special-purpose registries; `64:ff9b:1::/48` is NAT64 for local use, wherever it holds its IPv4. */
const specialNetworks: readonly Network[] = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "224.0.0.0/3",
  "::/127",
  "64:ff9b:1::/48",
  "fc00::/7",
  "fe80::/10",
  "fec0::/10",
  "ff00::/8",
].map(network);

function network(text: string): Network {
  const read = readNetwork(text);
  if (read === undefined) throw new TypeError(`not a network: ${text}`);
  return read;
}
