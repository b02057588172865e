import type { Environment } from "./locate-config.js";
import type { RawConfig } from "./read-ini.js";
import { isPrintableName, resolveValue } from "./resolve-values.js";

/** One secret that an app.config refers to with `^`. */
export interface KeyringName {
  readonly service: string;
  readonly username: string;
  /** Each value that refers to it, as `section/key`. */
  readonly usedBy: readonly string[];
  /** `^username`, if that may be printed. */
  readonly shown: string;
}

export interface KeyringNames {
  /** In the order of the file; also those of other integrations, as res-keyring has it. */
  readonly names: readonly KeyringName[];
  /** Values with a `^` whose name can't be told. */
  readonly problems: readonly string[];
}

/** Which secrets the file expects in the keyring, whatever is there now. */
export function keyringNames({ sections, defaults }: RawConfig, env: Environment): KeyringNames {
  const found = new Map<string, KeyringName>();
  const problems: string[] = [];
  for (const [section, own] of sections) {
    for (const [key, value] of new Map([...defaults, ...own])) {
      if (!value.includes("^")) continue;
      const note = (service: string, username: string): string => {
        const id = JSON.stringify([service, username]);
        const shown = isPrintableName(username) ? `^${username}` : "^…";
        const usedBy = [...(found.get(id)?.usedBy ?? []), `${section}/${key}`];
        found.set(id, { service, username, usedBy: [...new Set(usedBy)], shown });
        return "?";
      };
      // The same reading as the program's own, with a keyring that only writes down what it is asked for.
      const resolved = resolveValue(value, section, { env, keyring: { read: note } });
      if (!resolved.ok)
        problems.push(...resolved.problems.map((problem) => `[${section}] ${key}: ${problem}`));
    }
  }
  return { names: [...found.values()], problems };
}
