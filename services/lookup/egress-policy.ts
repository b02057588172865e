import { BlockList, isIP } from "node:net";
import type { Artifact } from "../../src/core/artifact.js";
import { OwnLinks } from "../../src/core/own-links.js";
import type { Candidate } from "./candidate.js";
import { asCidr, asDomain, asIp, withoutImpossiblePort } from "./normalise.js";

/** Why a value stays in the house; `undefined` = it may be asked about. */
export type StayReason =
  "secret_type" | "private_address" | "internal_name" | "never_lookup" | "unreadable_host" | "trustar_itself";

/** A real password, and the text of somebody's mail: no configuration can send these out. */
const secretTypes: ReadonlySet<string> = new Set(["system.user.password", "email.body"]);

/** IANA's special-purpose registries: private, loopback, link-local, carrier NAT, multicast, reserved. */
const specialBlocks = [
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
  "fc00::/7",
  "fe80::/10",
  "fec0::/10",
  "ff00::/8",
];

/** Names that only have a meaning inside: RFC 6761, RFC 8375, ICANN's .internal, and what companies use besides. */
const internalSuffixes: ReadonlySet<string> = new Set([
  "localhost",
  "local",
  "localdomain",
  "internal",
  "intranet",
  "lan",
  "corp",
  "home",
  "home.arpa",
  "in-addr.arpa",
  "ip6.arpa",
]);

/** Decides what may leave. Values it keeps are counted, never logged. */
export class EgressPolicy {
  readonly #special = toBlockList(specialBlocks);
  readonly #configured: BlockList;
  /** First addresses of the configured blocks: a larger block that is asked about must not contain them. */
  readonly #configuredStarts: readonly string[];
  readonly #types: ReadonlySet<string>;
  readonly #suffixes: ReadonlySet<string>;
  readonly #ownLinks: OwnLinks;

  /** `neverLookup`: domains (with all below them), addresses, CIDR blocks and artifact types, checked before. */
  constructor(neverLookup: readonly string[], ownLinks = new OwnLinks([])) {
    this.#ownLinks = ownLinks;
    const rest = neverLookup.filter((entry) => (asIp(entry) ?? asCidr(entry)) === undefined);
    const blocks = neverLookup.flatMap((entry) => (asIp(entry) ?? asCidr(entry))?.value ?? []);
    this.#configured = toBlockList(blocks);
    this.#configuredStarts = blocks.map((block) => block.split("/")[0] ?? block);
    this.#types = new Set(rest.map((entry) => entry.toLowerCase()));
    this.#suffixes = new Set(rest.map(suffixOf).filter((name) => name !== ""));
  }

  /** Asked before anything of the artifact is looked at. */
  keepsType(type: Artifact["type"]): StayReason | undefined {
    if (secretTypes.has(type)) return "secret_type";
    return this.#types.has(type.toLowerCase()) ? "never_lookup" : undefined;
  }

  keeps(candidate: Candidate): StayReason | undefined {
    switch (candidate.kind) {
      case "IP":
        return this.#keepsAddress(candidate.value);
      case "CIDR_BLOCK":
        return this.#keepsBlock(candidate.value);
      case "DOMAIN":
        return this.#keepsOwnLink(candidate.value) ?? this.#keepsHost(candidate.value);
      case "URL":
        return this.#keepsOwnLink(candidate.value) ?? this.#keepsHost(hostOf(candidate.value));
      case "EMAIL_ADDRESS":
        return this.#keepsHost(candidate.value.slice(candidate.value.lastIndexOf("@") + 1));
      case "HASH":
      case "CVE":
      case "MALWARE":
      case "SOFTWARE":
      case "REGISTRY_KEY":
      case "BITCOIN_ADDRESS":
        return undefined;
    }
  }

  /** An older program's hits became artifacts; TruSTAR would find its own reports. */
  #keepsOwnLink(value: string): StayReason | undefined {
    return this.#ownLinks.has(value) ? "trustar_itself" : undefined;
  }

  #keepsBlock(block: string): StayReason | undefined {
    const asked = toBlockList([block]);
    const holdsOwn = this.#configuredStarts.some((start) => asked.check(start, familyOf(start)));
    return this.#keepsAddress(block.split("/")[0] ?? "") ?? (holdsOwn ? "never_lookup" : undefined);
  }

  #keepsAddress(address: string): StayReason | undefined {
    const embedded = embeddedIpv4(address);
    const reason = embedded === undefined ? undefined : this.#keepsAddress(embedded);
    if (reason !== undefined) return reason;
    const family = familyOf(address);
    if (this.#special.check(address, family)) return "private_address";
    if (this.#configuredStarts.length === 0) return undefined;
    return this.#configured.check(address, family) ? "never_lookup" : undefined;
  }

  #keepsHost(host: string): StayReason | undefined {
    if (host === "") return "unreadable_host"; // it may be one of ours
    const ip = asIp(host);
    if (ip !== undefined) return this.#keepsAddress(ip.value);
    const name = host.replace(/\.+$/, "");
    if (!name.includes(".") || isBelowOneOf(internalSuffixes, name)) return "internal_name";
    return isBelowOneOf(this.#suffixes, name) ? "never_lookup" : undefined;
  }
}

/** `corp.example`, `.corp.example`, `*.corp.example` mean the same; so may a whole top-level domain of one's own. */
function suffixOf(entry: string): string {
  const name = entry.replace(/^\*?\./, "");
  return asDomain(name)?.value ?? (/^[a-z\d-]+$/i.test(name) ? name.toLowerCase() : "");
}

function isBelowOneOf(suffixes: ReadonlySet<string>, name: string): boolean {
  if (suffixes.has(name)) return true;
  for (let dot = name.indexOf("."); dot !== -1; dot = name.indexOf(".", dot + 1)) {
    if (suffixes.has(name.slice(dot + 1))) return true;
  }
  return false;
}

/** The host as a browser would contact it: `http://0x7f.1/` is 127.0.0.1. "" = a browser could not. */
function hostOf(url: string): string {
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(url) ? url.replace(/^[^:]+:/, "http:") : `http://${url}`;
  return hostnameOf(withScheme) ?? hostnameOf(withoutImpossiblePort(withScheme) ?? "") ?? "";
}

function hostnameOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, "") : undefined;
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 6 ? "ipv6" : "ipv4";
}

/** The IPv4 address inside an IPv6 one of a translation or tunnel prefix: NAT64, 6to4, IPv4-compatible. */
function embeddedIpv4(address: string): string | undefined {
  const groups = address.split(":");
  const hex = /^64:ff9b::|^::(?=[\da-f]+:[\da-f]+$)/.test(address)
    ? groups.slice(-2)
    : address.startsWith("2002:")
      ? groups.slice(1, 3)
      : undefined;
  if (hex === undefined) return undefined;
  const [high = 0, low = 0] = hex.map((group) => Number.parseInt(group === "" ? "0" : group, 16));
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}

function toBlockList(blocks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const block of blocks) {
    const [address = "", bits] = block.split("/");
    const family = familyOf(address);
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}
