import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { reasonOf } from "../../src/core/error-code.js";
import type { Secret } from "../../src/core/secret.js";
import { KeyringUnavailableError } from "./keyring-unavailable.js";
import { keyBytes } from "./sealed-secrets.js";

/** What opens a secret file: a file with the key, or the key's text. */
export type SecretFileKey = { readonly file: string } | { readonly text: Secret };

const remedy = "it has to be 32 random bytes as base64, as `openssl rand -base64 32` prints them";

/** @throws KeyringUnavailableError, which never repeats the key */
export function readKey(key: SecretFileKey): Buffer {
  if ("text" in key) return decodeKey(key.text.reveal(), "its key");
  return decodeKey(textOf(key.file), `its key, in ${key.file},`);
}

/** Makes a new key file for its owner alone. @throws when there is a file already */
export function makeKeyFile(path: string): void {
  try {
    const descriptor = openSync(path, "wx", 0o600);
    try {
      writeSync(descriptor, `${randomBytes(keyBytes).toString("base64")}\n`);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw new KeyringUnavailableError(`the key file ${path} can't be made (${reasonOf(error)})`, {
      cause: error,
    });
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new KeyringUnavailableError(`its key file ${path} can't be read (${reasonOf(error)})`, {
      cause: error,
    });
  }
}

/** Padded or not, both alphabets: Buffer would skip what it doesn't know, and make a key of a misspelt one. */
function decodeKey(text: string, what: string): Buffer {
  const written = text.trim();
  const bytes = Buffer.from(written, "base64");
  if (/^[\w+/-]{43}=?$/.test(written) && bytes.length === keyBytes) return bytes;
  throw new KeyringUnavailableError(`${what} can't be one; ${remedy}`);
}
