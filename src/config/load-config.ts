import { readFileSync } from "node:fs";
import type { AppConfig } from "./app-config.js";
import { ConfigReader } from "./config-reader.js";
import { reasonOf } from "./error-reason.js";
import { locateConfig, type ConfigPlaces } from "./locate-config.js";
import { parseConfig } from "./parse-config.js";
import { readIni } from "./read-ini.js";
import { ConfigError } from "../core/errors.js";
import type { Keyring } from "../core/ports.js";

export interface LoadConfigOptions extends ConfigPlaces {
  /** Asked only for `^name` values of keys that we read. */
  readonly keyring: Keyring;
}

/**
 * Finds, reads and checks the app.config.
 * @throws ConfigError with every problem found
 */
export function loadConfig(options: LoadConfigOptions): AppConfig {
  const path = locateConfig(options);
  const raw = readIni(readText(path), path);
  return parseConfig(new ConfigReader(raw, options), { ...options, path });
}

function readText(path: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new ConfigError([`${path} can't be read (${reasonOf(error)})`], { cause: error });
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new ConfigError([`${path} isn't UTF-8 text; save it as UTF-8`], { cause: error });
  }
}
