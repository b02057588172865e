import type { KeyringName } from "../config/keyring-names.js";
import type { ConfigPlaces } from "../config/locate-config.js";
import { howToBringOver } from "../config/python-keyrings.js";
import { TrustarResilientError } from "../core/errors.js";
import type { Keyring } from "../core/ports.js";
import { exitCodes, type Output } from "./command.js";

/**
 * Prints which secrets are set, never what they are.
 * @returns the exit code: whether the keyring told
 */
export function printStatus(
  names: readonly KeyringName[],
  keyring: Keyring,
  places: ConfigPlaces,
  output: Output,
): number {
  const troubles = new Set<string>();
  const lacking: KeyringName[] = [];
  for (const name of names) {
    const told = state(name, keyring, troubles);
    if (told !== "set") lacking.push(name);
    output.out(`  ${told.padEnd(7)}  ${inWords(name)}\n`);
  }
  for (const trouble of troubles) output.err(`${troubleInWords(trouble, keyring)}\n`);
  const secrets = lacking.map(({ usedBy: [value = ""], ...name }) => ({ ...name, value }));
  const how = howToBringOver(secrets, places, troubles.size > 0 && keyring.place === undefined);
  if (how !== undefined && secrets.length > 0) output.err(`${how}\n`);
  return troubles.size === 0 ? exitCodes.ok : exitCodes.failed;
}

/** What is wrong with a keyring, and what to do without it. */
export function troubleInWords(trouble: string, { place }: Keyring): string {
  if (place !== undefined) return `Can't use ${place}: ${trouble}`;
  return (
    `Can't use the operating system's keyring: ${trouble}\n` +
    "A server without one can keep secrets in an encrypted file: [secret_store] file in app.config."
  );
}

/** Where the file refers to a secret, and by what name. */
export function inWords({ usedBy, shown }: KeyringName): string {
  return `${usedBy.join(", ")} (${shown})`;
}

function state({ service, username }: KeyringName, keyring: Keyring, troubles: Set<string>): string {
  try {
    return isSet(keyring, service, username) ? "set" : "not set";
  } catch (error) {
    if (!isKeyringTrouble(error)) throw error;
    troubles.add(error.message);
    return "unknown";
  }
}

export function isKeyringTrouble(error: unknown): error is TrustarResilientError {
  return error instanceof TrustarResilientError && error.code === "keyring_unavailable";
}

/** As the configuration sees it: an empty secret is none. */
export function isSet(keyring: Keyring, service: string, username: string): boolean {
  return (keyring.read(service, username) ?? "") !== "";
}
