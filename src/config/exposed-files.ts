import { statSync } from "node:fs";
import { platform, userInfo } from "node:os";
import type { RawConfig } from "./read-ini.js";
import { secretSources } from "./secret-sources.js";
import type { SecretStoreConfig } from "./secret-store.js";

interface Around {
  /** The app.config. */
  readonly path: string;
  readonly raw: RawConfig;
  readonly store: SecretStoreConfig;
  /** Values that the program needs, as `section/key`. */
  readonly inUse: ReadonlySet<string>;
}

/** A sentence for each file with secrets that somebody else on this machine can read, and what to do. */
export function exposedFiles({ path, raw, store, inUse }: Around): readonly string[] {
  const { inClear } = secretSources(raw, inUse);
  const files: readonly (readonly [path: string, holds: string])[] = [
    ...(inClear.length > 0 ? [[path, `secrets in clear (${inClear.join(", ")})`] as const] : []),
    ...(store.kind === "file" ? [[store.path, "the encrypted secrets"] as const] : []),
    ...(store.kind === "file" && "file" in store.key
      ? [[store.key.file, "the key that opens the secrets"] as const]
      : []),
  ];
  return files.flatMap(([file, holds]) => {
    const who = otherReaders(file);
    return who === undefined ? [] : [`${file} holds ${holds}, and ${who}`];
  });
}

/** As ssh judges its keys: the group counts where the file is our own, and what isn't there is nobody's to read. */
function otherReaders(path: string): string | undefined {
  // On Windows these bits say nothing.
  if (platform() === "win32") return undefined;
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined || !found.isFile()) return undefined;
  const isOwn = found.uid === ownId();
  if ((found.mode & 0o007) !== 0) {
    return `everybody on this machine can get at it: chmod ${isOwn ? "600" : "o="} ${path}`;
  }
  if ((found.mode & 0o070) === 0 || !isOwn) return undefined;
  return `its group can get at it: chmod 600 ${path}, unless nobody but this program is in that group`;
}

function ownId(): number | undefined {
  try {
    return userInfo().uid;
  } catch {
    return undefined; // a user without an entry, as containers have them
  }
}
