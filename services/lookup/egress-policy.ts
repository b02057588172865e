import {
  addressesInName,
  isPrivateAddress,
  readNetwork,
  touchesOneOf,
  type Network,
} from "../../src/core/addresses.js";
import type { Artifact } from "../../src/core/artifact.js";
import { withoutEnd } from "../../src/core/without-end.js";
import type { Candidate } from "../core/candidate.js";
import { asCidr, asciiName, asDomain, asIp, bareAddress, maxNameChars } from "../core/host-value.js";
import { asEmail } from "../core/indicator-value.js";
import { OwnLinks } from "../core/own-links.js";
import { withoutEntities } from "../core/spelling.js";
import { hostOf, publicParts, slashTwin } from "../core/url-value.js";
import { wordsInside } from "../core/words-inside.js";

/** Why a value stays in the house; `undefined` = it may be asked about. */
export type StayReason =
  | "secret_type"
  | "private_address"
  | "internal_name"
  | "never_lookup"
  | "unreadable_host"
  | "trustar_itself"
  | "secret";

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
    const { kind, value } = candidate;
    switch (kind) {
      case "IP":
      case "CIDR_BLOCK":
        return this.#keepsAddress(value);
      case "DOMAIN":
        return this.#keepsOwnLink(value) ?? this.#keepsHost(asDomain(value)?.value ?? asciiName(value));
      case "URL":
        return this.#keepsOwnLink(value) ?? this.#keepsHost(hostOf(value)) ?? this.#keepsRest(value);
      case "EMAIL_ADDRESS":
        return this.#keepsMailbox(asEmail(value)?.value ?? value.toLowerCase());
      case "MALWARE":
      case "SOFTWARE":
      case "REGISTRY_KEY":
        return secret.test(value)
          ? "secret"
          : (this.#keepsOwnLink(value) ??
              this.#keepsText(value, withoutExtensions, kind === "REGISTRY_KEY" ? 2 : 3));
      case "HASH":
      case "CVE":
      case "BITCOIN_ADDRESS":
        return undefined;
    }
  }

  /** What of a value that stays may be asked about all the same: a URL without its query, or its host alone. */
  askablePart(candidate: Candidate): readonly Candidate[] {
    if (this.#keepsOwnLink(candidate.value) !== undefined) return [];
    const part = publicParts(candidate).find((one) => this.keeps(one) === undefined);
    if (part === undefined) return [];
    const twin = slashTwin(part);
    return twin === undefined ? [part] : [part, twin];
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
    // A parser takes `10(.)0(.)0(.)5` for a name.
    const plain = host.replace(/[^\w.:\u0080-\uffff-]/g, "");
    if (plain !== host) return plain === "" ? "unreadable_host" : this.#keepsHost(plain);
    const name = withoutEnd(host, ".");
    if (!name.includes(".") || isBelowOneOf(internalSuffixes, name)) return "internal_name";
    if (isBelowOneOf(this.#suffixes, name)) return "never_lookup";
    return firstReason(addressesInName(name), (address) => this.#keepsAddress(address));
  }

  /** What stands behind a URL's host. A path that only names our domain imitates it, and may be asked about. */
  #keepsRest(url: string): StayReason | undefined {
    // Also without HTML's escapes: their "#" begins no fragment.
    return firstReason([...new Set([url, withoutEntities(url)])], (text) => {
      const { path, query } = behindHost(text);
      const segments = new Set(path.toLowerCase().split("/"));
      const isHarmless = (name: string): boolean => this.#suffixes.has(name) && segments.has(name);
      return (
        this.#keepsText(path, (name) => (isHarmless(name) ? [] : withoutExtension(name)), 3) ??
        this.#keepsText(query, withoutExtension, 2)
      );
    });
  }

  /**
   * Of a name, or of a part of a URL: nothing in it may be ours.
   * @param namesOf the host's names that a word with dots in it may be
   * @param labels how many an internal name has at least: in a path or a file's name `index.home` is no host
   */
  #keepsText(
    text: string,
    namesOf: (word: string) => readonly string[],
    labels: 2 | 3,
  ): StayReason | undefined {
    if (text.length < 3) return undefined;
    const { addresses, names, mailboxes, hosts, isTooMuch } = wordsInside(text);
    return (
      this.#keepsOneOf(addresses) ??
      firstReason(names.flatMap(namesOf), (name) =>
        this.#keepsName(asciiName(name.slice(-maxNameChars)), labels),
      ) ??
      firstReason(mailboxes, (mailbox) => readable(this.#keepsMailbox(withoutEnd(mailbox, ".-_")))) ??
      firstReason(hosts, (host) => readable(this.#keepsHost(host.toLowerCase()))) ??
      (isTooMuch ? "unreadable_host" : undefined)
    );
  }

  #keepsOneOf(addresses: readonly string[]): StayReason | undefined {
    return firstReason(addresses, (address) => this.#keepsAddress(bareAddress(address)));
  }

  #keepsName(name: string, labels: number): StayReason | undefined {
    if (name.split(".").length >= labels && isBelowOneOf(internalSuffixes, name)) return "internal_name";
    if (endsInOneOf(this.#suffixes, name)) return "never_lookup";
    return this.#keepsOneOf(addressesInName(name));
  }

  /** A bounce or a relay carries the address it is for: `jo=corp.example@bounce.org`, `jo%corp.example@relay.org`. */
  #keepsMailbox(email: string): StayReason | undefined {
    const at = email.lastIndexOf("@");
    const reason = this.#keepsHost(email.slice(at + 1));
    if (reason !== undefined) return reason;
    const words = wordsOfMailbox(email.slice(0, at));
    const hosts = words.filter((word) => word.includes("."));
    if (hosts.some((host) => endsInOneOf(this.#suffixes, host))) return "never_lookup";
    const inside = wordsInside(email.slice(0, at));
    if (inside.names.some((name) => endsInOneOf(this.#suffixes, asciiName(name)))) return "never_lookup";
    const address = this.#keepsOneOf(inside.addresses);
    // `jo.home` alone is somebody's name.
    return address ?? (words.length === 1 ? undefined : firstReason(hosts, (host) => this.#keepsHost(host)));
  }
}

/** `corp.example.html` is a page of ours; `corp.example.org` is another organization's. */
function withoutExtension(word: string): readonly string[] {
  const name = word.replace(
    /\.(?:html?|php\d?|aspx?|jsp|png|jpe?g|gif|txt|pdf|zip|js|css|xml|json|docx?|xlsx?)$/,
    "",
  );
  return name === word ? [word] : [word, name];
}

/** `corp.example.zip` is a file's name, and so is `notes_corp.example.2024.txt`. */
function withoutExtensions(word: string): readonly string[] {
  const labels = word.split(".").slice(0, maxLabels);
  const heads = labels.map((_, at) => labels.slice(0, at + 1).join("."));
  return [word, ...heads.filter((head) => head.includes("."))];
}
/** Of more, the rest is not looked at. */
const maxLabels = 20;

/** A password or a key, as a command line or a key of the registry names it. */
const secret =
  /(?:pass(?:w(?:or)?d)?|pwd|secret|token|api[-_]?key|credential)s?["']?\s{0,3}[=:]\s{0,3}\S|\s\/user:\S|\s\/d\s{1,3}\S|\s[-/]{1,2}(?:p(?:ass(?:word)?|wd?)?|token)\s{1,3}\S|:\/\/[^\s/:@]{1,100}:[^\s/@]{1,100}@/i;

function behindHost(url: string): { readonly path: string; readonly query: string } {
  const [whole = "", path = ""] = /^(?:[a-z][a-z0-9+.-]*:\/\/)?[^/?#\\]*([^?#]*)/i.exec(url) ?? [];
  return { path, query: url.slice(whole.length) };
}

/** What can't be read within a text is no host of ours. */
function readable(reason: StayReason | undefined): StayReason | undefined {
  return reason === "unreadable_host" ? undefined : reason;
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
function endsInOneOf(suffixes: ReadonlySet<string>, word: string): boolean {
  if (isBelowOneOf(suffixes, word)) return true;
  const end = word.slice(-maxNameChars);
  const ends = Array.from(end.matchAll(/[-_]/g), ({ index }) => end.slice(index + 1));
  return ends.some((name) => name.includes(".") && suffixes.has(name));
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

function isBelowOneOf(suffixes: ReadonlySet<string>, word: string): boolean {
  const name = word.slice(-maxNameChars);
  if (suffixes.has(name)) return true;
  for (let dot = name.indexOf("."); dot !== -1; dot = name.indexOf(".", dot + 1)) {
    if (suffixes.has(name.slice(dot + 1))) return true;
  }
  return false;
}
