import {
  addressesInName,
  isPrivateAddress,
  readNetwork,
  touchesOneOf,
  type Network,
} from "../../src/core/addresses.js";
import type { Artifact } from "../../src/core/artifact.js";
import { OwnLinks } from "../../src/core/own-links.js";
import { withoutEnd } from "../../src/core/without-end.js";
import type { Candidate } from "./candidate.js";
import { asCidr, asciiName, asDomain, asIp, hostOf } from "./normalise.js";

/** Why a value stays in the house; `undefined` = it may be asked about. */
export type StayReason =
  "secret_type" | "private_address" | "internal_name" | "never_lookup" | "unreadable_host" | "trustar_itself";

/** A real password, and the text of somebody's mail: no configuration can send these out. */
const secretTypes: ReadonlySet<string> = new Set(["system.user.password", "email.body"]);

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
  readonly #networks: readonly Network[];
  readonly #types: ReadonlySet<string>;
  readonly #suffixes: ReadonlySet<string>;
  readonly #ownLinks: OwnLinks;

  /** `neverLookup`: domains (with all below them), addresses, CIDR blocks and artifact types, checked before. */
  constructor(neverLookup: readonly string[], ownLinks = new OwnLinks([])) {
    this.#ownLinks = ownLinks;
    const rest = neverLookup.filter((entry) => (asIp(entry) ?? asCidr(entry)) === undefined);
    this.#networks = neverLookup.flatMap((entry) => {
      const listed = asIp(entry) ?? asCidr(entry);
      return (listed && readNetwork(listed.value)) ?? [];
    });
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
      case "CIDR_BLOCK":
        return this.#keepsAddress(candidate.value);
      case "DOMAIN":
        return this.#keepsOwnLink(candidate.value) ?? this.#keepsHost(candidate.value);
      case "URL":
        return this.#keepsOwnLink(candidate.value) ?? this.#keepsHost(hostOf(candidate.value));
      case "EMAIL_ADDRESS":
        return this.#keepsMailbox(candidate.value);
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

  /** @param address or a block of them, which stays when it contains one that stays */
  #keepsAddress(address: string): StayReason | undefined {
    if (isPrivateAddress(address)) return "private_address";
    const network = readNetwork(address);
    return network && touchesOneOf(network, this.#networks) ? "never_lookup" : undefined;
  }

  #keepsHost(host: string): StayReason | undefined {
    if (host === "") return "unreadable_host"; // it may be one of ours
    const ip = asIp(host);
    if (ip !== undefined) return this.#keepsAddress(ip.value);
    const name = withoutEnd(host, ".");
    if (!name.includes(".") || isBelowOneOf(internalSuffixes, name)) return "internal_name";
    if (isBelowOneOf(this.#suffixes, name)) return "never_lookup";
    return firstReason(addressesInName(name), (address) => this.#keepsAddress(address));
  }

  /** A bounce or a relay carries the address it is for: `jo=corp.example@bounce.org`, `jo%corp.example@relay.org`. */
  #keepsMailbox(email: string): StayReason | undefined {
    const at = email.lastIndexOf("@");
    const reason = this.#keepsHost(email.slice(at + 1));
    if (reason !== undefined) return reason;
    const words = wordsOfMailbox(email.slice(0, at));
    const hosts = words.filter((word) => word.includes("."));
    if (hosts.flatMap(endsOf).some((name) => isBelowOneOf(this.#suffixes, name))) return "never_lookup";
    // `jo.home` alone is somebody's name.
    return words.length === 1 ? undefined : firstReason(hosts, (host) => this.#keepsHost(host));
  }
}

/** `corp.example`, `.corp.example`, `*.corp.example` mean the same; so may a whole top-level domain of one's own. */
function suffixOf(entry: string): string {
  const name = entry.replace(/^\*?\./, "");
  return asDomain(name)?.value ?? (/^[a-z\d-]+$/i.test(name) ? name.toLowerCase() : "");
}

/** What the part before the "@" consists of, as it is and with its escapes (`%40`, quoted-printable `=3D`) undone. */
function wordsOfMailbox(mailbox: string): readonly string[] {
  const unescaped = mailbox.replace(/%[\da-f]{2}|=(?:2[0-9a-f]|3d|40)/g, (escape) =>
    escape.endsWith("2e") ? "." : " ",
  );
  const words = [...new Set([mailbox, unescaped])].flatMap((form) => form.split(/[^\p{L}\p{M}\p{N}._-]+/u));
  return words.map((word) => asciiName(withoutEnd(word, ".-_")));
}

/** Of `bounce-jo-corp.example` the name may be all of it or what follows one of its signs. */
function endsOf(word: string): readonly string[] {
  const ends = [...word.matchAll(/[-_]/g)].map(({ index }) => word.slice(index + 1));
  return [word, ...ends.filter((end) => end.includes("."))];
}

function firstReason<T>(
  items: readonly T[],
  keeps: (item: T) => StayReason | undefined,
): StayReason | undefined {
  for (const item of items) {
    const reason = keeps(item);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function isBelowOneOf(suffixes: ReadonlySet<string>, name: string): boolean {
  if (suffixes.has(name)) return true;
  for (let dot = name.indexOf("."); dot !== -1; dot = name.indexOf(".", dot + 1)) {
    if (suffixes.has(name.slice(dot + 1))) return true;
  }
  return false;
}
