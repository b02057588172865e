import { createOsKeyring } from "../../services/keyring/os-keyring.js";
import { createSecretFile } from "../../services/keyring/secret-file.js";
import type { SecretStoreConfig } from "../config/secret-store.js";
import type { SecretStore } from "../core/ports.js";

/** The keyring that an app.config asks for. Nothing is opened before it is asked. */
export function openSecretStore(
  store: SecretStoreConfig,
  onKeyMade?: (keyFile: string) => void,
): SecretStore {
  return store.kind === "os-keyring" ? createOsKeyring() : createSecretFile({ ...store, onKeyMade });
}
