import { createRequire } from "node:module";
import { platform as thisPlatform } from "node:os";
import type * as NativeKeyring from "@napi-rs/keyring";
import { TrustarResilientError } from "../../src/core/errors.js";
import type { Keyring } from "../../src/core/ports.js";

/** The keyring can't be asked, or gives no clear answer; the message completes "the keyring can't be used: …". */
export class KeyringUnavailableError extends TrustarResilientError {
  readonly code = "keyring_unavailable";
}

export type NativeModule = Pick<typeof NativeKeyring, "Entry" | "findCredentials">;

export interface OsKeyringOptions {
  readonly platform?: NodeJS.Platform;
  readonly load?: () => NativeModule;
}

/**
 * The operating system's keyring, read as Python's `keyring` (and so res-keyring) writes it: Secret Service on Linux,
 * Keychain on macOS, Credential Manager on Windows. The native module is loaded by the first read, not before: most
 * configurations have no `^` value, and must not need a keyring or a session bus.
 */
export function createOsKeyring(options: OsKeyringOptions = {}): Keyring {
  const { platform = thisPlatform(), load = loadNative } = options;
  let native: NativeModule | undefined;
  const lookUp = platform === "win32" ? lookUpOnWindows : lookUpByAttributes;
  return {
    read(service, username) {
      native ??= loaded(load);
      try {
        return lookUp(native, service, username);
      } catch (error) {
        throw error instanceof KeyringUnavailableError ? error : unavailable(error, platform);
      }
    },
  };
}

/** Linux, macOS: service and user name are attributes of the item. */
function lookUpByAttributes(native: NativeModule, service: string, username: string): string | undefined {
  // Pinned: without a Secret Service the library would silently ask the kernel's keyring, which Python never writes.
  const entry = new native.Entry(service, username, { linux: { store: "secret-service" } });
  try {
    return entry.getPassword() ?? undefined;
  } catch (error) {
    if (!/matched by \d+ credentials/.test(textOf(error))) throw error;
    return theOnly(native.findCredentials(service), service, username);
  }
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
  throw new KeyringUnavailableError(
    `it has several different secrets for service "${service}", user name "${username}"; delete all but one`,
  );
}

/**
 * Windows: Python stores the latest secret of a service under the service's own name, and moves the one that was there
 * to `username@service`. `Entry` expects other names, and `Entry.withTarget` writes; listing only reads.
 */
function lookUpOnWindows(native: NativeModule, service: string, username: string): string | undefined {
  for (const target of [service, `${username}@${service}`]) {
    const found = native.findCredentials(service, target).find(({ account }) => account === username);
    if (found !== undefined) return found.password;
  }
  return undefined;
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
