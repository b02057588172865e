import type { AppConfig } from "../../../src/config/app-config.js";
import { ConfigReader } from "../../../src/config/config-reader.js";
import type { Halves } from "../../../src/config/idle-half.js";
import { parseConfig } from "../../../src/config/parse-config.js";
import { readIni } from "../../../src/config/read-ini.js";
import { ConfigError } from "../../../src/core/errors.js";
import type { Keyring } from "../../../src/core/ports.js";

export interface ParsingContext extends Halves {
  readonly path?: string;
  readonly cwd?: string;
  readonly home?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** `{service: {username: secret}}` */
  readonly keyring?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export function keyringOf(entries: NonNullable<ParsingContext["keyring"]>): Keyring {
  return { read: (service, username) => entries[service]?.[username] };
}

export function parseText(text: string, context: ParsingContext = {}): AppConfig {
  const { path = "/conf/app.config", cwd = "/srv/soc", home = "/home/soc", env = {}, keyring = {} } = context;
  const { only } = context;
  const reader = new ConfigReader(readIni(text, path), { env, keyring: keyringOf(keyring) });
  return parseConfig(reader, { path, cwd, env, home, only });
}

/** The problems of a text, without the file's name in front. */
export function problemsOf(text: string, context?: ParsingContext): readonly string[] {
  try {
    parseText(text, context);
  } catch (error) {
    if (error instanceof ConfigError)
      return error.problems.map((problem) => problem.replace(/^\/conf\/app\.config: /, ""));
    throw error;
  }
  return [];
}
