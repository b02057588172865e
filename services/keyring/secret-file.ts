import { existsSync, readFileSync } from "node:fs";
import { reasonOf } from "../../src/core/error-code.js";
import type { SecretStore } from "../../src/core/ports.js";
import { replaceFileSync } from "../../src/core/replace-file.js";
import { KeyringUnavailableError } from "./keyring-unavailable.js";
import { makeKeyFile, readKey, type SecretFileKey } from "./secret-file-key.js";
import { seal, unseal, UnsealError, type Secrets } from "./sealed-secrets.js";

export interface SecretFileOptions {
  /** Absolute. */
  readonly path: string;
  readonly key: SecretFileKey;
  /** Told of the key file that a new secret file gets, if it has none. */
  readonly onKeyMade?: ((keyFile: string) => void) | undefined;
}

/**
 * Secrets in an encrypted file, for servers without a session bus and for containers. Opened by the first call, as the
 * operating system's keyring is; a file that isn't there yet has no secrets.
 */
export function createSecretFile({ path, key, onKeyMade }: SecretFileOptions): SecretStore {
  let secrets: Secrets | undefined;
  return {
    place: `the secret file ${path}`,
    read(service, username) {
      secrets ??= load(path, key);
      return secrets.get(service)?.get(username);
    },
    write(service, username, secret) {
      // Never for a file that is there: a new key could not open it.
      if ("file" in key && !existsSync(key.file) && !existsSync(path)) {
        makeKeyFile(key.file);
        onKeyMade?.(key.file);
      }
      // Read anew: another run may have added something in the meantime.
      const before = load(path, key);
      const entries = new Map(before.get(service)).set(username, secret.reveal());
      const after = new Map(before).set(service, entries);
      save(path, seal(after, readKey(key)));
      secrets = after;
    },
  };
}

function load(path: string, key: SecretFileKey): Secrets {
  if (!existsSync(path)) return new Map();
  try {
    return unseal(readFileSync(path, "utf8"), readKey(key));
  } catch (error) {
    if (error instanceof KeyringUnavailableError) throw error;
    const what = error instanceof UnsealError ? error.message : `can't be read (${reasonOf(error)})`;
    throw new KeyringUnavailableError(`it ${what}`, { cause: error });
  }
}

function save(path: string, text: string): void {
  try {
    replaceFileSync(path, text, { mode: 0o600 });
  } catch (error) {
    throw new KeyringUnavailableError(`it can't be written (${reasonOf(error)})`, { cause: error });
  }
}
