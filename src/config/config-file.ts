import { readFileSync } from "node:fs";
import { reasonOf } from "../core/error-code.js";
import { locateConfig, type ConfigPlaces } from "./locate-config.js";
import { readIni, type RawConfig } from "./read-ini.js";
import { ConfigError } from "../core/errors.js";

export interface ConfigFile {
  /** Absolute. */
  readonly path: string;
  readonly raw: RawConfig;
}

/**
 * Finds and reads the app.config, nothing resolved or checked yet.
 * @throws ConfigError
 */
export function readConfigFile(places: ConfigPlaces): ConfigFile {
  const path = locateConfig(places);
  return { path, raw: readIni(readConfigText(path), path) };
}

/** As it is, with a byte order mark. @throws ConfigError */
export function readConfigText(path: string): string {
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
