import type { IndicatorRef } from "../../src/core/report.js";

const urlString = "URL String";
const customPrefix = "TruSTAR ";
/** All that may become part of the name of an artifact type, which everybody in Resilient sees for ever. */
const typeName = /^[A-Z][A-Z0-9_]{0,49}$/;
const unknownType = "INDICATOR";

const labels: Readonly<Record<string, string>> = {
  EMAIL_ADDRESS: "Email Sender",
  IP: "IP Address",
  MD5: "Malware MD5 Hash",
  SHA1: "Malware SHA-1 Hash",
  SHA256: "Malware SHA-256 Hash",
  URL: "URL",
  MALWARE: "Malware Family/Variant",
  SOFTWARE: "File Name",
  CVE: "Threat CVE ID",
  CIDR_BLOCK: "Network CIDR Range",
};

/** Types of artifacts that hold the same kind of thing as one of the above. TruSTAR keeps domains as URLs. */
const indicatorTypes: ReadonlyMap<string, string> = new Map([
  ...Object.entries(labels).map(([type, label]) => [label.toLowerCase(), type] as const),
  ["url string", "URL"],
  ["url_string", "URL"],
  ["url referer", "URL"],
  ["dns name", "URL"],
  ["email recipient", "EMAIL_ADDRESS"],
  ["registry key", "REGISTRY_KEY"],
]);

/** What the artifact of an indicator is called: a built-in type, or one of our own for what Resilient doesn't have. */
export function artifactLabel({ type, value }: IndicatorRef): string {
  if (type === "URL" && !isWebAddress(value)) return urlString;
  if (Object.hasOwn(labels, type)) return labels[type] ?? type;
  return `${customPrefix}${typeName.test(type) ? type : unknownType}`;
}

/** Where an indicator goes that Resilient refuses under its proper type. */
export function fallbackLabel(label: string): string | undefined {
  return label === "URL" ? urlString : undefined;
}

/** TruSTAR's type of an artifact, by the label of its type and, for hashes and texts, by its value. */
export function indicatorType(label: string, value: string): string | undefined {
  const plain = value.trim();
  const hash = hashType(plain);
  if (hash !== undefined) return hash;
  const name = label.trim();
  if (name.toLowerCase().startsWith(customPrefix.toLowerCase())) return name.slice(customPrefix.length);
  if (/\bhash\b/i.test(name)) return undefined;
  return indicatorTypes.get(name.toLowerCase());
}

function hashType(value: string): string | undefined {
  if (!/^[\da-f]+$/i.test(value)) return undefined;
  return { 32: "MD5", 40: "SHA1", 64: "SHA256" }[value.length];
}

/** To read a long host takes time out of proportion; no name of a host is that long, with a user's before it or not. */
const longestAuthority = 512;

/** Resilient takes nothing else as a URL; a host name alone is not one. */
function isWebAddress(value: string): boolean {
  const authority = /^(?:https?|ftp):\/\/([^\s/?#\\]+)/i.exec(value)?.[1] ?? "";
  const isReadable = authority !== "" && authority.length <= longestAuthority;
  return isReadable && !/\s/.test(value) && URL.canParse(value);
}
