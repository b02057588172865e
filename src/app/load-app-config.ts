import type { AppConfig } from "../config/app-config.js";
import { readConfigFile } from "../config/config-file.js";
import { ConfigReader } from "../config/config-reader.js";
import { loadConfig } from "../config/load-config.js";
import type { Half } from "../config/idle-half.js";
import { hasConfig, type ConfigPlaces } from "../config/locate-config.js";
import { defaultQueue, readQueue } from "../config/parse-worker.js";
import { ConfigError } from "../core/errors.js";
import { openSecretStore } from "./secret-store.js";

/**
 * The configuration with its `^` secrets from where it says they are.
 * @param only the half that is needed; undefined = both
 * @throws ConfigError
 */
export function loadAppConfig(places: ConfigPlaces, only?: Half): AppConfig {
  return loadConfig({ ...places, only, openKeyring: (store) => openSecretStore(store) });
}

/**
 * Programmatic name of the message destination, for what can be done without an app.config. Nothing else of the file
 * has to be right: no secret is needed.
 * @throws ConfigError a file is there, or was named, and its queue can't be read
 */
export function queueOf(places: ConfigPlaces): string {
  if (!hasConfig(places)) return defaultQueue;
  const { path, raw } = readConfigFile(places);
  const reader = new ConfigReader(raw, { env: places.env, keyring: { read: () => undefined } });
  const queue = readQueue(reader.section("trustar"));
  const { problems } = reader.notes;
  if (problems.length > 0) throw new ConfigError(problems.map((problem) => `${path}: ${problem}`));
  return queue;
}
