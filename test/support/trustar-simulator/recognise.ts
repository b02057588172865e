import { isIPv4, isIPv6 } from "node:net";
import type { IndicatorType } from "./model.js";

export const MALWARE_NAMES = ["EXAMPLEBOT", "WANNACRY", "EMOTET", "TRICKBOT", "DRIDEX", "QAKBOT", "NOTPETYA"];

const TOP_LEVELS =
  "example|test|invalid|com|net|org|info|biz|io|co|gov|edu|mil|int|ru|cn|de|uk|eu|us|fr|it|es|nl|pl|br|in|jp|ch|at|be|se|no|cz|ua|kr|au|ca|xyz|top|club|online|site|shop|dev|app|onion";
export const DOMAIN = `(?:\\w(?:[\\w-]{0,61}[a-z0-9])?\\.)+(?:${TOP_LEVELS})`;
export const EMAIL = `[\\w.%+-]{1,64}@${DOMAIN}`;
export const IPV4 = "(?:\\d{1,3}\\.){3}\\d{1,3}";
export const REGISTRY = "HK(?:LM|CU|CR|U|CC|EY_[A-Z_]+)\\\\[^\\s\"'<>,;]+";

const WHOLE: readonly (readonly [IndicatorType, RegExp])[] = [
  ["CIDR_BLOCK", new RegExp(`^${IPV4}/\\d{1,2}$`)],
  ["URL", /^(?:https?|ftp):\/\/[^\s"'<>]+$/i],
  ["EMAIL_ADDRESS", new RegExp(`^${EMAIL}$`, "i")],
  ["SHA256", /^[a-f0-9]{64}$/i],
  ["SHA1", /^[a-f0-9]{40}$/i],
  ["MD5", /^[a-f0-9]{32}$/i],
  ["CVE", /^CVE-\d{4}-\d{4,}$/i],
  ["BITCOIN_ADDRESS", /^(?:[13][a-km-zA-HJ-NP-Z1-9]{25,34}|bc1[a-z0-9]{25,59})$/],
  ["REGISTRY_KEY", new RegExp(`^${REGISTRY}$`)],
  ["URL", new RegExp(`^${DOMAIN}(?:/[^\\s"'<>]*)?$`, "i")],
  ["SOFTWARE", /^[\w-]+\.(?:exe|dll|bat|ps1|vbs|jar|scr|docm|xlsm)$/i],
];

/** Public addresses only: the service never extracts private, loopback, zero or broadcast ones. */
export function isPublicIpv4(value: string): boolean {
  if (!isIPv4(value)) return false;
  const [a = 0, b = 0] = value.split(".").map(Number);
  if (a === 0 || a === 10 || a === 127 || a >= 224) return false;
  return !(a === 172 && b >= 16 && b <= 31) && !(a === 192 && b === 168) && !(a === 169 && b === 254);
}

/** The type the service would give to a whole value; undefined when it is no indicator. Domains are URLs in 1.3. */
export function recognise(value: string): IndicatorType | undefined {
  if (isIPv4(value)) return isPublicIpv4(value) ? "IP" : undefined;
  if (isIPv6(value)) return /^(?:::1?$|f[cde])/i.test(value) ? undefined : "IP";
  if (MALWARE_NAMES.includes(value.toUpperCase())) return "MALWARE";
  return WHOLE.find(([, pattern]) => pattern.test(value))?.[0];
}
