import { dirname, resolve } from "node:path";
import { expandHome } from "./home-path.js";
import type { SectionReader } from "./section-reader.js";
import type { Secret } from "../core/secret.js";

/** Not a name of resilient-circuits or of the legacy app, and none that either would take for its own. */
export const secretStoreSection = "secret_store";

/** Where `^name` secrets are kept: what [secret_store] says. */
export type SecretStoreConfig =
  | { readonly kind: "os-keyring" }
  | {
      readonly kind: "file";
      /** The encrypted file, absolute. */
      readonly path: string;
      /** What opens it: the name of a file, or the key itself, as text. */
      readonly key: { readonly file: string } | { readonly text: Secret };
    };

interface Folders {
  /** The app.config. */
  readonly path: string;
  readonly home: string;
}

/** The file is used when it is named; without it nothing changes for those who use res-keyring. */
export function parseSecretStore(section: SectionReader, folders: Folders): SecretStoreConfig {
  const [file, keyFile] = [section.text("file"), section.text("key_file")];
  const key = readKey(section);
  section.warnOfUnknownKeys();
  if (file === undefined) {
    for (const unused of ["key", "key_file"].filter((name) => section.has(name)))
      section.warn(unused, "isn't used, because file isn't set: the operating system's keyring is asked");
    return { kind: "os-keyring" };
  }
  const absolute = (path: string): string => resolve(dirname(folders.path), expandHome(path, folders.home));
  if (key !== undefined) {
    if (keyFile !== undefined) section.warn("key_file", "isn't used, because key is set");
    return { kind: "file", path: absolute(file), key: { text: key } };
  }
  const faulty = section.isFaulty("key") || section.isFaulty("key_file");
  if (keyFile === undefined && !faulty)
    section.missing("key_file", "it names the file with the key that opens file; or set key");
  return { kind: "file", path: absolute(file), key: { file: absolute(keyFile ?? "") } };
}

function readKey(section: SectionReader): Secret | undefined {
  const key = section.secret("key");
  if (key === undefined || !section.isInClear("key")) return key;
  section.problem(
    "key",
    "stands here in clear, where it protects nothing; write $NAME and set the environment variable NAME, or use key_file",
  );
  return key;
}

/** One line for an administrator: where secrets are kept, and with what key. */
export function describeSecretStore(store: SecretStoreConfig): string {
  if (store.kind === "os-keyring") return "the operating system's keyring";
  const key = "file" in store.key ? `the key in ${store.key.file}` : "the key from the environment";
  return `the encrypted file ${store.path}, opened with ${key}`;
}
