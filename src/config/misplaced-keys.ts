import { ConfigReader } from "./config-reader.js";
import { parseAccount } from "./parse-account.js";
import { parseThreatSource } from "./parse-threat-source.js";
import type { SectionReader } from "./section-reader.js";

const trustarWay = { ca: undefined, proxyFor: () => undefined };
const folders = { path: "/", home: "/" };

/** The keys that a parser asks for, found by handing it a section that says nothing. */
function keysOf(parse: (section: SectionReader) => unknown): ReadonlySet<string> {
  const raw = { sections: new Map([["x", new Map<string, string>()]]), defaults: new Map<string, string>() };
  const section = new ConfigReader(raw, { env: {}, keyring: { read: () => undefined } }).section("x");
  parse(section);
  return new Set(section.askedKeys);
}

/**
 * Keys in [trustar] that another section of TruSTAR's reads: the Python app took [trustar] for an account when it had a
 * workspace, and a never_lookup that stands in the wrong place keeps nothing inside.
 */
export function warnOfMisplacedKeys(reader: ConfigReader): void {
  const section = reader.section("trustar");
  const strays = section.unknownKeys;
  if (strays.length === 0) return;
  const homes = [
    ["[trustar_<name>], the section of an account", keysOf((one) => parseAccount(one, folders, trustarWay))],
    ["[trustar_threat_source]", keysOf((one) => parseThreatSource(one, trustarWay))],
  ] as const;
  for (const key of strays) {
    const [home] = homes.find(([, keys]) => keys.has(key)) ?? [];
    if (home !== undefined) section.warn(key, `belongs into ${home}; here it is ignored`);
  }
}
