import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { createSecureContext } from "node:tls";
import type { TrustedAuthorities } from "./app-config.js";
import { reasonOf } from "../core/error-code.js";
import { expandHome } from "./home-path.js";
import type { SectionReader } from "./section-reader.js";
import { Secret } from "../core/secret.js";

interface Folders {
  readonly cwd: string;
  readonly home: string;
}

/**
 * Certificates in a PEM file, or as PEM text in the value itself, or `false` for no check at all; undefined when the key
 * is absent or at fault.
 * @param whose certificates it is about, for the message
 */
export function readAuthorities(
  section: SectionReader,
  key: string,
  folders: Folders,
  whose: string,
): TrustedAuthorities {
  const text = section.text(key);
  if (text?.toLowerCase() === "false" && section.variable(key) === undefined) {
    section.warn(
      key,
      `is false: the certificate of ${whose} isn't checked, so whoever is on the way can read everything, ` +
        "credentials included; name the file of the authority that signed it",
    );
    return false;
  }
  const pem = readPem(section, key, "CERTIFICATE", folders);
  if (pem === undefined) return undefined;
  try {
    // One by one: as `ca`, what can't be read would be passed over in silence.
    const blocks = pem.match(/-----BEGIN ([A-Z0-9 ]*CERTIFICATE)-----.*?(?:-----END \1-----|$)/gs) ?? [];
    for (const block of blocks) new X509Certificate(block);
    return pem;
  } catch (error) {
    section.problem(key, `has certificates that can't be used (${reasonOf(error)})`);
    return undefined;
  }
}

/** `client_auth_cert` and `client_auth_key`: both or none. */
export function readClientCert(
  section: SectionReader,
  folders: Folders,
): { readonly cert: string; readonly key: Secret } | undefined {
  const [certKey, keyKey] = ["client_auth_cert", "client_auth_key"] as const;
  const [hasCert, hasKey] = [section.has(certKey), section.has(keyKey)];
  if (!hasCert && !hasKey) return undefined;
  if (!hasCert) section.missing(certKey, `${keyKey} is set, and one is of no use without the other`);
  if (!hasKey) section.missing(keyKey, `${certKey} is set, and one is of no use without the other`);
  const cert = readPem(section, certKey, "CERTIFICATE", folders);
  const key = readPem(section, keyKey, "PRIVATE KEY", folders);
  if (cert === undefined || key === undefined) return undefined;
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    section.problem(keyKey, `doesn't fit to ${certKey} (${reasonOf(error)}); the key must be unencrypted`);
  }
  return { cert, key: new Secret(key) };
}

function readPem(section: SectionReader, key: string, what: string, folders: Folders): string | undefined {
  const text = section.text(key);
  if (text === undefined) return undefined;
  if (text.includes("-----BEGIN")) return readPemText(section, key, what, text);
  const path = resolve(folders.cwd, expandHome(text, folders.home));
  try {
    // Files joined by `cat` may lack the line end between two blocks; the second one would not be seen.
    const pem = readFileSync(path, "utf8").replace(/-----(?=-----BEGIN )/g, "-----\n");
    if (new RegExp(`-----BEGIN [A-Z0-9 ]*${what}-----`).test(pem)) return pem;
    section.problem(
      key,
      `names ${section.shownPath(key, path)}, which contains no ${what.toLowerCase()} in PEM encoding`,
    );
  } catch (error) {
    section.problem(
      key,
      `names ${section.shownPath(key, path)}, which can't be read (${reasonOf(error)}); it must be one PEM file`,
    );
  }
  return undefined;
}

/** A value has one line, or indented ones, or \n where lines would end: PEM readers want its own line ends back. */
function readPemText(section: SectionReader, key: string, what: string, text: string): string | undefined {
  const blocks = [...text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----/gs)];
  const pem = blocks.map(([, label = "", body = ""]) => {
    const lines = body.replace(/\\[rn]|\s/g, "").match(/.{1,64}/g) ?? [];
    return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
  });
  if (pem.some((block) => block.includes(`${what}-----`))) return pem.join("");
  section.problem(key, `is PEM text, but holds no whole ${what.toLowerCase()}`);
  return undefined;
}
