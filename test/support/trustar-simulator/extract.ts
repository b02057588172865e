import type { IndicatorType } from "./model.js";
import { DOMAIN, EMAIL, IPV4, isPublicIpv4, MALWARE_NAMES, REGISTRY } from "./recognise.js";

export interface ExtractedIndicator {
  readonly type: IndicatorType;
  readonly value: string;
}

interface Rule {
  readonly type: IndicatorType;
  readonly pattern: RegExp;
  readonly normalise: (found: string) => string;
  readonly accept?: (found: string) => boolean;
}

/** A sentence's punctuation, by a loop: `/[.]+$/` takes quadratic time on dots that are not at the end. */
function withoutEnd(found: string): string {
  let end = found.length;
  while (end > 0 && ".,;:!?".includes(found.charAt(end - 1))) end -= 1;
  return found.slice(0, end);
}

const asIs = (found: string): string => found;
const lower = (found: string): string => found.toLowerCase();
const upper = (found: string): string => found.toUpperCase();

/** In this order; what one rule has taken the later ones don't see. Domains are URLs in API 1.3. */
const RULES: readonly Rule[] = [
  {
    type: "URL",
    pattern: /\b(?:https?|ftp):\/\/[^\s"'<>()[\]]+/gi,
    normalise: (found) => withoutEnd(found),
  },
  { type: "EMAIL_ADDRESS", pattern: new RegExp(`\\b${EMAIL}\\b`, "gi"), normalise: lower },
  { type: "REGISTRY_KEY", pattern: new RegExp(`\\b${REGISTRY}`, "g"), normalise: asIs },
  { type: "CIDR_BLOCK", pattern: new RegExp(`(?<![\\d.])${IPV4}/\\d{1,2}(?!\\d)`, "g"), normalise: asIs },
  {
    type: "IP",
    pattern: new RegExp(`(?<![\\d.])${IPV4}(?!\\.?\\d)`, "g"),
    normalise: asIs,
    accept: isPublicIpv4,
  },
  { type: "SHA256", pattern: /\b[a-f0-9]{64}\b/gi, normalise: lower },
  { type: "SHA1", pattern: /\b[a-f0-9]{40}\b/gi, normalise: lower },
  { type: "MD5", pattern: /\b[a-f0-9]{32}\b/gi, normalise: lower },
  { type: "CVE", pattern: /\bCVE-\d{4}-\d{4,}\b/gi, normalise: upper },
  { type: "BITCOIN_ADDRESS", pattern: /\b[13][a-km-zA-HJ-NP-Z1-9]{25,34}\b/g, normalise: asIs },
  { type: "URL", pattern: new RegExp(`(?<![\\w@.-])${DOMAIN}(?![\\w.-]*\\w)`, "gi"), normalise: lower },
  { type: "MALWARE", pattern: new RegExp(`\\b(?:${MALWARE_NAMES.join("|")})\\b`, "gi"), normalise: upper },
];

/** Indicators of a report's title and body, each once, grouped by rule. */
export function extractIndicators(text: string): readonly ExtractedIndicator[] {
  const found = new Map<string, ExtractedIndicator>();
  let rest = text;
  for (const { type, pattern, normalise, accept } of RULES) {
    rest = rest.replace(pattern, (match) => {
      if (accept !== undefined && !accept(match)) return " ";
      const value = normalise(match);
      found.set(`${type}|${value}`, { type, value });
      return " ";
    });
  }
  return [...found.values()];
}
