import { appHostFolder, isOnAppHost, ProtectedSecretError, readProtectedSecret } from "./app-host-secrets.js";
import { readBoundedText, withoutLineEnd } from "./bounded-file.js";
import { reasonOf } from "../core/error-code.js";
import type { Environment } from "./locate-config.js";

/** A value, or a sentence about why there is none, which never repeats what may be a secret. */
export type Found = { readonly value: string } | { readonly problem: string };

/**
 * What `$NAME` stands for, in this order: App Host's protected secret of that name, the environment variable NAME, the
 * file that NAME_FILE names.
 */
export function lookUpInEnvironment(name: string, env: Environment, secretsFolder = appHostFolder): Found {
  const sealed = isOnAppHost(env) ? protectedSecret(name, secretsFolder) : undefined;
  if (sealed !== undefined && "value" in sealed) return sealed;
  const value: unknown = env[name];
  if (typeof value === "string" && value !== "") return { value };
  const file: unknown = env[`${name}_FILE`];
  if (typeof file === "string" && file !== "") return fromFile(name, file);
  // As resilient-circuits does, a protected secret that can't be opened is replaced by the variable; if there is none,
  // it is the trouble.
  return sealed ?? { problem: absent(name, value) };
}

function protectedSecret(name: string, folder: string): Found | undefined {
  try {
    const value = readProtectedSecret(name, folder);
    return value === undefined || value === "" ? undefined : { value };
  } catch (error) {
    if (!(error instanceof ProtectedSecretError)) throw error;
    return {
      problem: `the protected secret ${name} can't be used: ${error.message}; set it again in the app's settings`,
    };
  }
}

/** The file's name isn't repeated: somebody may have put the secret itself there. */
function fromFile(name: string, path: string): Found {
  try {
    const value = withoutLineEnd(readBoundedText(path));
    return value === "" ? { problem: `the file that ${name}_FILE names is empty` } : { value };
  } catch (error) {
    return {
      problem: `the file that environment variable ${name}_FILE names can't be read (${reasonOf(error)})`,
    };
  }
}

function absent(name: string, value: unknown): string {
  // A name that can't be one is more likely a password that begins with "$": not repeated.
  if (!/^\w+$/.test(name)) {
    return (
      `"$" announces an environment variable, but what follows can't be a variable's name; ` +
      `put a value that really begins with "$" into a variable or the keyring`
    );
  }
  const state = value === "" ? "is empty" : "isn't set";
  return `environment variable ${name} ${state}; set it to the value that belongs here, or ${name}_FILE to a file with it`;
}
