import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "./locate-config.js";

interface Around {
  readonly env: Environment;
  readonly home: string;
}

/** PlaintextKeyring and EncryptedKeyring of keyrings.alt, CryptFileKeyring of keyrings.cryptfile. */
const names = ["keyring_pass.cfg", "crypted_pass.cfg", "cryptfile_pass.cfg"];

/** Files in which Python's keyring keeps secrets where it uses no keyring of the operating system; not read here. */
export function pythonKeyringFiles({ env, home }: Around): readonly string[] {
  const { XDG_DATA_HOME, LOCALAPPDATA, KEYRING_PROPERTY_FILE_PATH } = env;
  const folders = [
    join(XDG_DATA_HOME || join(home, ".local", "share"), "python_keyring"),
    ...(LOCALAPPDATA ? [join(LOCALAPPDATA, "Python Keyring")] : []),
  ];
  const usual = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  return [KEYRING_PROPERTY_FILE_PATH || [], usual].flat().filter((path) => existsSync(path));
}

export interface WantedSecret {
  readonly service: string;
  readonly username: string;
  /** `section/key` */
  readonly value: string;
}

/**
 * How secrets come over from such files; undefined where there are none.
 * @param unusable whether the keyring that they should go to can't be used
 */
export function howToBringOver(
  secrets: readonly WantedSecret[],
  around: Around,
  unusable: boolean,
): string | undefined {
  const files = pythonKeyringFiles(around);
  if (files.length === 0) return undefined;
  const commands = secrets.map(({ service, username, value }) =>
    // Anything else may be a password that begins with "^", and would mean something to a shell.
    /^[\w.@-]+$/.test(service + username)
      ? `keyring get ${service} ${username} | trustar-resilient keyring --set ${value}`
      : `keyring get … | trustar-resilient keyring --set ${value}`,
  );
  const first = unusable ? "set [secret_store] file, then bring over" : "bring over";
  return (
    `Python's keyring has secrets in ${files.join(" and ")}, which this program does not read; ${first} what is in there ` +
    `with its own command: ${commands.join("; ")}`
  );
}
