import { isAccountName, otherTrustarSections } from "./account-name.js";
import type { RawConfig } from "./read-ini.js";
import { secretStoreSection } from "./secret-store.js";

/** Where the secrets of our sections come from, as `section/key`. */
export interface SecretSources {
  readonly fromKeyring: readonly string[];
  readonly fromEnvironment: readonly string[];
  /** They stand in the file as they are. */
  readonly inClear: readonly string[];
  /** They stand there, and nothing needs them. */
  readonly unused: readonly string[];
}

const secretKey = /(?:secret|password|^user_api_key)$/;
const ourSections: ReadonlySet<string> = new Set([
  "resilient",
  "custom_threat_service",
  secretStoreSection,
  ...otherTrustarSections,
]);

/**
 * Looks at what is written only; nothing is resolved.
 * @param inUse values that the program needs, as `section/key`
 */
export function secretSources({ sections, defaults }: RawConfig, inUse: ReadonlySet<string>): SecretSources {
  const found = {
    fromKeyring: [] as string[],
    fromEnvironment: [] as string[],
    inClear: [] as string[],
    unused: [] as string[],
  };
  for (const [section, own] of sections) {
    if (!ourSections.has(section) && !isAccountName(section)) continue;
    for (const [key, value] of new Map([...defaults, ...own])) {
      if (!secretKey.test(key) || value.trim() === "") continue;
      const text = value.trim();
      if (!inUse.has(`${section}/${key}`)) found.unused.push(`${section}/${key}`);
      else if (/^\^|\^\{/.test(text)) found.fromKeyring.push(`${section}/${key}`);
      else if (/^\$|\$\{/.test(text)) found.fromEnvironment.push(`${section}/${key}`);
      else found.inClear.push(`${section}/${key}`);
    }
  }
  return found;
}
