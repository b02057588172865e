import { createOsKeyring } from "../../services/keyring/os-keyring.js";
import type { AppConfig } from "../config/app-config.js";
import { loadConfig, type LoadConfigOptions } from "../config/load-config.js";

/** The configuration with its `^` secrets from the operating system's keyring. @throws ConfigError */
export function loadAppConfig(places: Omit<LoadConfigOptions, "keyring">): AppConfig {
  return loadConfig({ ...places, keyring: createOsKeyring() });
}
