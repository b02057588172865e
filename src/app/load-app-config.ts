import type { AppConfig } from "../config/app-config.js";
import { loadConfig } from "../config/load-config.js";
import type { ConfigPlaces } from "../config/locate-config.js";
import { openSecretStore } from "./secret-store.js";

/** The configuration with its `^` secrets from where it says they are. @throws ConfigError */
export function loadAppConfig(places: ConfigPlaces): AppConfig {
  return loadConfig({ ...places, openKeyring: (store) => openSecretStore(store) });
}
