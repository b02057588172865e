import type { AppConfig } from "./app-config.js";
import { readConfigFile } from "./config-file.js";
import { ConfigReader } from "./config-reader.js";
import { readSecretStore } from "./load-secret-store.js";
import { isAccountName } from "./account-name.js";
import { exposedFiles } from "./exposed-files.js";
import type { Halves } from "./idle-half.js";
import type { ConfigPlaces } from "./locate-config.js";
import { parseConfig } from "./parse-config.js";
import type { SecretStoreConfig } from "./secret-store.js";
import type { Keyring } from "../core/ports.js";

export interface LoadConfigOptions extends ConfigPlaces, Halves {
  /** The keyring that the file asks for; read only for `^name` values of keys that we read. */
  readonly openKeyring: (store: SecretStoreConfig) => Keyring;
}

/**
 * Finds, reads and checks the app.config.
 * @throws ConfigError with every problem found
 */
export function loadConfig(options: LoadConfigOptions): AppConfig {
  return read(options).config;
}

/**
 * The values that the configuration really uses, as `section/key`: not those of a proxy that is switched off, nor
 * those of other integrations or of a half that does not run. No secret is looked up.
 * @throws ConfigError
 */
export function valuesInUse(places: ConfigPlaces & Halves): ReadonlySet<string> {
  const needed = read({ ...places, openKeyring: () => ({ read: () => "?" }) }).reader.neededValues();
  return new Set([...needed].filter((value) => !isIdle(value.slice(0, value.lastIndexOf("/")), places)));
}

/** Whether the section belongs to the half that does not run. */
function isIdle(section: string, { only }: Halves): boolean {
  if (only === "worker") return ["trustar_threat_source", "custom_threat_service"].includes(section);
  return only === "server" && (section === "resilient" || isAccountName(section));
}

function read(options: LoadConfigOptions): { readonly config: AppConfig; readonly reader: ConfigReader } {
  const { path, raw } = readConfigFile(options);
  const around = { ...options, path };
  const { store, problems } = readSecretStore(raw, around);
  // Its problems are reported with all others; no secret is to be missed in a keyring that can't be known.
  const keyring = problems.length > 0 ? { read: () => "?" } : options.openKeyring(store);
  const reader = new ConfigReader(raw, { env: options.env, home: options.home, keyring });
  const config = parseConfig(reader, around);
  const exposed = exposedFiles({ path, raw, store, inUse: reader.neededValues() });
  return { config: { ...config, warnings: [...config.warnings, ...exposed] }, reader };
}
