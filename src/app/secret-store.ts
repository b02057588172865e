import { existsSync } from "node:fs";
import { createOsKeyring } from "../../services/keyring/os-keyring.js";
import { createSecretFile } from "../../services/keyring/secret-file.js";
import { makeKeyFile } from "../../services/keyring/secret-file-key.js";
import type { SecretStoreConfig } from "../config/secret-store.js";
import type { SecretStore } from "../core/ports.js";

/** The keyring that an app.config asks for. Nothing is opened before it is asked. */
export function openSecretStore(store: SecretStoreConfig): SecretStore {
  return store.kind === "os-keyring" ? createOsKeyring() : createSecretFile(store);
}

/**
 * Makes the key file that a new secret file needs. Never for a secret file that is there: a new key could not open it.
 * @returns the file that was made
 */
export function makeMissingKeyFile(store: SecretStoreConfig): string | undefined {
  if (store.kind === "os-keyring" || "text" in store.key) return undefined;
  if (existsSync(store.key.file) || existsSync(store.path)) return undefined;
  makeKeyFile(store.key.file);
  return store.key.file;
}
