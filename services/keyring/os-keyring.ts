import { createRequire } from "node:module";
import { platform as thisPlatform } from "node:os";
import type * as NativeKeyring from "@napi-rs/keyring";
import type { SecretStore } from "../../src/core/ports.js";
import { KeyringUnavailableError } from "./keyring-unavailable.js";
import { readOnWindows, writeOnWindows } from "./windows-credentials.js";

export type NativeModule = Pick<typeof NativeKeyring, "Entry" | "findCredentials">;

export interface OsKeyringOptions {
  readonly platform?: NodeJS.Platform;
  readonly load?: () => NativeModule;
}

/**
 * The operating system's keyring, read and written as Python's `keyring` (and so res-keyring) does: Secret Service on
 * Linux, Keychain on macOS, Credential Manager on Windows. The native module is loaded by the first call, not before:
 * most configurations have no `^` value, and must not need a keyring or a session bus.
 */
export function createOsKeyring(options: OsKeyringOptions = {}): SecretStore {
  const { platform = thisPlatform(), load = loadNative } = options;
  const onWindows = platform === "win32";
  let native: NativeModule | undefined;
  const use = <T>(action: (native: NativeModule) => T): T => {
    native ??= loaded(load);
    try {
      return action(native);
    } catch (error) {
      throw error instanceof KeyringUnavailableError ? error : unavailable(error, platform);
    }
  };
  const read = (service: string, username: string): string | undefined =>
    use((module) => (onWindows ? readOnWindows : readByAttributes)(module, service, username));
  return {
    read,
    write(service, username, secret) {
      const text = secret.reveal();
      use((module) => {
        (onWindows ? writeOnWindows : writeByAttributes)(module, service, username, text);
      });
      if (read(service, username) !== text)
        throw new KeyringUnavailableError("it took the secret, but does not give it back");
    },
  };
}

/** Linux, macOS: service and user name are attributes of the item. */
function entryOf(native: NativeModule, service: string, username: string): NativeKeyring.Entry {
  // Pinned: without a Secret Service the library would silently ask the kernel's keyring, which Python never writes.
  return new native.Entry(service, username, { linux: { store: "secret-service" } });
}

function readByAttributes(native: NativeModule, service: string, username: string): string | undefined {
  try {
    return entryOf(native, service, username).getPassword() ?? undefined;
  } catch (error) {
    if (!isAmbiguous(error)) throw error;
    return theOnly(native.findCredentials(service), service, username);
  }
}

/** An item that Python has stored is changed, not joined by a second one. */
function writeByAttributes(native: NativeModule, service: string, username: string, secret: string): void {
  try {
    entryOf(native, service, username).setPassword(secret);
  } catch (error) {
    throw isAmbiguous(error) ? ambiguous(service, username) : error;
  }
}

function isAmbiguous(error: unknown): boolean {
  return /matched by \d+ credentials/.test(textOf(error));
}

/** Items of other programs may carry the same two attributes; that matters only when they differ. */
function theOnly(
  found: readonly NativeKeyring.Credential[],
  service: string,
  username: string,
): string | undefined {
  const [first, ...others] = new Set(
    found.filter(({ account }) => account === username).map((item) => item.password),
  );
  if (others.length === 0) return first;
  throw ambiguous(service, username);
}

function ambiguous(service: string, username: string): KeyringUnavailableError {
  return new KeyringUnavailableError(
    `it has several different secrets for service "${service}", user name "${username}"; delete all but one, ` +
      "or all (secret-tool clear service … username …) and store it anew",
  );
}

function loaded(load: () => NativeModule): NativeModule {
  try {
    return load();
  } catch (error) {
    throw new KeyringUnavailableError("there is no build of the keyring module for this machine", {
      cause: error,
    });
  }
}

function loadNative(): NativeModule {
  return createRequire(import.meta.url)("@napi-rs/keyring") as NativeModule;
}

function unavailable(cause: unknown, platform: NodeJS.Platform): KeyringUnavailableError {
  const text = textOf(cause);
  const remedy = platform === "linux" ? remedies.find(([pattern]) => pattern.test(text))?.[1] : undefined;
  return new KeyringUnavailableError(remedy === undefined ? text : `${remedy} (${text})`, { cause });
}

/** What to do about the ways in which a Secret Service is missing, by the words of libdbus and the Secret Service. */
const remedies: readonly (readonly [RegExp, string])[] = [
  [
    /not provided by any .service files/,
    "no Secret Service is installed; install gnome-keyring and unlock it",
  ],
  [
    /prompt was dismissed|IsLocked|locked/i,
    "it is locked; unlock it first, for example with gnome-keyring-daemon --unlock",
  ],
  [
    /dbus|address/i,
    "there is no session bus; start this program in a session with an unlocked gnome-keyring, " +
      "for example under dbus-run-session",
  ],
];

function textOf(error: unknown): string {
  return typeof error === "object" && error !== null && "message" in error
    ? String(error.message)
    : String(error);
}
