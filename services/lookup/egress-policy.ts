import { isPrivateAddress, readNetwork, touchesOneOf, type Network } from "../../src/core/addresses.js";
import type { Artifact } from "../../src/core/artifact.js";
import type { Candidate } from "./candidate.js";
import { asCidr, asDomain, asIp, withoutImpossiblePort } from "./normalise.js";

/** Why a value stays in the house; `undefined` = it may be asked about. */
export type StayReason =
  "secret_type" | "private_address" | "internal_name" | "never_lookup" | "unreadable_host";

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

  /** `neverLookup`: domains (with all below them), addresses, CIDR blocks and artifact types, checked before. */
  constructor(neverLookup: readonly string[]) {
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
        return this.#keepsHost(candidate.value);
      case "URL":
        return this.#keepsHost(hostOf(candidate.value));
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
