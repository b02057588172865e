import { isIP } from "node:net";
import { domainToASCII } from "node:url";
import { artifactTypes } from "./artifact-types.js";
import { closestName } from "./closest-name.js";
import type { SectionReader } from "./section-reader.js";

/** Entries of `never_lookup`, artifact types in lower case; each must be of a form that the egress policy understands. */
export function checkNeverLookup(section: SectionReader, key: string): readonly string[] {
  const entries = section
    .list(key)
    .map((entry) => (artifactTypes.has(entry.toLowerCase()) ? entry.toLowerCase() : entry));
  const faulty = entries.filter((entry) => !isKnownForm(entry));
  if (faulty.length > 0) {
    section.problem(
      key,
      `must list domains (example.com), addresses (192.0.2.7), blocks (192.0.2.0/24) or artifact types (net.ip); ` +
        `none of these: ${section.shown(key, faulty.join(", "))}`,
    );
  }
  for (const entry of entries) {
    const meant =
      isKnownForm(entry) && !artifactTypes.has(entry)
        ? closestName(entry.toLowerCase(), artifactTypes)
        : undefined;
    // A misspelt type would read as a domain and keep nothing inside.
    if (meant !== undefined) {
      section.warn(
        key,
        `has ${section.shown(key, entry)}, taken as a domain; did you mean the artifact type ${meant}?`,
      );
    }
  }
  return entries;
}

/** What DNS allows, and room for a "*." before it. */
const maxNameChars = 255;

function isKnownForm(entry: string): boolean {
  return artifactTypes.has(entry) || isAddress(entry) || isBlock(entry) || isDomain(entry);
}

/** Without a zone, and not an IPv4 address in IPv6 clothes: values are compared without these. */
function isAddress(entry: string): boolean {
  return isIP(entry) !== 0 && !/%|^::ffff:/i.test(entry);
}

function isBlock(entry: string): boolean {
  const [, address = "", bits = ""] = /^([^/]+)\/(\d{1,3})$/.exec(entry) ?? [];
  return isAddress(address) && Number(bits) <= (isIP(address) === 4 ? 32 : 128);
}

/** A name with a dot, of any script; a leading "*." or "." is tolerated. One without a dot never leaves anyway. */
export function isDomain(entry: string): boolean {
  if (entry.length > maxNameChars) return false;
  const labels = domainToASCII(entry.replace(/^\*?\./, "").replace(/\.$/, "")).split(".");
  return (
    labels.length >= 2 &&
    /[a-z]/.test(labels.at(-1) ?? "") &&
    labels.every((label) => /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/.test(label))
  );
}
