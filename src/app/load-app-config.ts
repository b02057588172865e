import { createOsKeyring } from "../../services/keyring/os-keyring.js";
import type { AppConfig } from "../config/app-config.js";
import { hasConfig } from "../config/locate-config.js";
import { defaultQueue } from "../config/parse-worker.js";
import { loadConfig, type LoadConfigOptions } from "../config/load-config.js";

/** The configuration with its `^` secrets from the operating system's keyring. @throws ConfigError */
export function loadAppConfig(places: Omit<LoadConfigOptions, "keyring">): AppConfig {
  return loadConfig({ ...places, keyring: createOsKeyring() });
}

/**
 * Programmatic name of the message destination, for what can be done without an app.config.
 * @throws ConfigError a file is there, or was named, and can't be used
 */
export function queueOf(places: Omit<LoadConfigOptions, "keyring">): string {
  if (!hasConfig(places)) return defaultQueue;
  return loadAppConfig(places).worker?.queue ?? defaultQueue;
}
