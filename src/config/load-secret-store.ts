import { ConfigReader } from "./config-reader.js";
import { readConfigFile } from "./config-file.js";
import { keyringNames, type KeyringNames } from "./keyring-names.js";
import type { ConfigPlaces, Environment } from "./locate-config.js";
import type { RawConfig } from "./read-ini.js";
import { parseSecretStore, secretStoreSection, type SecretStoreConfig } from "./secret-store.js";
import { ConfigError } from "../core/errors.js";

interface Around {
  /** The app.config. */
  readonly path: string;
  readonly env: Environment;
  readonly home: string;
}

export interface SecretStoreReading {
  readonly store: SecretStoreConfig;
  /** When there are any, the store is a stand-in. */
  readonly problems: readonly string[];
}

/** What [secret_store] says, before anything else of the file is looked at. */
export function readSecretStore(raw: RawConfig, around: Around): SecretStoreReading {
  const reader = new ConfigReader(raw, { env: around.env, keyring: { read: () => undefined } });
  const store = parseSecretStore(reader.section(secretStoreSection), around);
  return { store, problems: reader.notes.problems };
}

export interface SecretsOfConfig extends KeyringNames {
  /** The app.config. */
  readonly path: string;
  readonly store: SecretStoreConfig;
}

/**
 * Which secrets an app.config refers to, and where it wants them kept. The rest of it may be unfinished.
 * @throws ConfigError
 */
export function loadSecretsOfConfig(places: ConfigPlaces): SecretsOfConfig {
  const { path, raw } = readConfigFile(places);
  const { store, problems } = readSecretStore(raw, { ...places, path });
  if (problems.length > 0) throw new ConfigError(problems.map((problem) => `${path}: ${problem}`));
  const found = keyringNames(raw, places.env);
  return { path, store, names: found.names, problems: found.problems };
}
