import type { AppConfig } from "../config/app-config.js";
import { loadConfig } from "../config/load-config.js";
import { hasConfig, type ConfigPlaces } from "../config/locate-config.js";
import { defaultQueue } from "../config/parse-worker.js";
import { openSecretStore } from "./secret-store.js";

/** The configuration with its `^` secrets from where it says they are. @throws ConfigError */
export function loadAppConfig(places: ConfigPlaces): AppConfig {
  return loadConfig({ ...places, openKeyring: (store) => openSecretStore(store) });
}

/**
 * Programmatic name of the message destination, for what can be done without an app.config.
 * @throws ConfigError a file is there, or was named, and can't be used
 */
export function queueOf(places: ConfigPlaces): string {
  if (!hasConfig(places)) return defaultQueue;
  return loadAppConfig(places).worker?.queue ?? defaultQueue;
}
