import type * as NativeKeyring from "@napi-rs/keyring";

type NativeModule = Pick<typeof NativeKeyring, "Entry" | "findCredentials">;

/**
 * Windows: Python stores the latest secret of a service under the service's own name, and moves the one that was there
 * to `username@service`. It reads in that order, and so do we.
 */
export function readOnWindows(native: NativeModule, service: string, username: string): string | undefined {
  // Listing only reads; `Entry` expects other names, and `Entry.withTarget` writes an empty item at once.
  for (const target of [service, compoundName(service, username)]) {
    const found = find(native, service, target, username);
    if (found !== undefined) return found.password;
  }
  return undefined;
}

/** Where Python would find it first; nothing that is there has to be moved for it. */
export function writeOnWindows(
  native: NativeModule,
  service: string,
  username: string,
  secret: string,
): void {
  const target =
    find(native, service, service, username) === undefined ? compoundName(service, username) : service;
  native.Entry.withTarget(target, service, username).setPassword(secret);
}

function compoundName(service: string, username: string): string {
  return `${username}@${service}`;
}

function find(
  native: NativeModule,
  service: string,
  target: string,
  username: string,
): NativeKeyring.Credential | undefined {
  return native.findCredentials(service, target).find(({ account }) => account === username);
}
