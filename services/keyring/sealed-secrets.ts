import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { z } from "zod";

/** Service → user name → secret. */
export type Secrets = ReadonlyMap<string, ReadonlyMap<string, string>>;

const format = "trustar-resilient secrets";
const version = 1;
const algorithm = "aes-256-gcm";
const ivBytes = 12;
const tagBytes = 16;

export const keyBytes = 32;

/** Authenticated, not encrypted. */
const header = Buffer.from(JSON.stringify([format, version, algorithm]), "utf8");

const fileSchema = z.object({
  format: z.literal(format),
  version: z.int(),
  cipher: z.string(),
  iv: z.base64(),
  tag: z.base64(),
  data: z.base64(),
});

const secretsSchema = z.array(z.tuple([z.string(), z.string(), z.string()]));

/** The text of a sealed file can't be used; the message completes "it …". */
export class UnsealError extends Error {}

/**
 * Secrets → the text of a file. Names are sealed with the values in one piece, so that nobody without the key can read,
 * swap, add or drop one of them.
 */
export function seal(secrets: Secrets, key: Buffer): string {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv(algorithm, key, iv, { authTagLength: tagBytes }).setAAD(header);
  const rows = [...secrets].flatMap(([service, entries]) =>
    [...entries].map(([username, secret]) => [service, username, secret]),
  );
  const data = Buffer.concat([cipher.update(JSON.stringify(rows), "utf8"), cipher.final()]);
  const file = {
    format,
    version,
    cipher: algorithm,
    iv: iv.toString("base64"),
    tag: cipher.getAuthTag().toString("base64"),
    data: data.toString("base64"),
  };
  return `${JSON.stringify(file, undefined, 2)}\n`;
}

/** The reverse. @throws UnsealError */
export function unseal(text: string, key: Buffer): Secrets {
  const file = fileSchema.safeParse(jsonOf(text)).data;
  if (file === undefined) throw new UnsealError("isn't a file of secrets of this program, or is damaged");
  if (file.version !== version || file.cipher !== algorithm)
    throw new UnsealError("was written by a newer version of this program");
  const [iv, tag, data] = [file.iv, file.tag, file.data].map((part) => Buffer.from(part, "base64"));
  if (iv?.length !== ivBytes || tag?.length !== tagBytes || data === undefined)
    throw new UnsealError("is damaged");
  return secretsOf(decrypt({ iv, tag, data }, key));
}

interface Sealed {
  readonly iv: Buffer;
  readonly tag: Buffer;
  readonly data: Buffer;
}

function decrypt({ iv, tag, data }: Sealed, key: Buffer): string {
  try {
    const decipher = createDecipheriv(algorithm, key, iv, { authTagLength: tagBytes });
    decipher.setAAD(header).setAuthTag(tag);
    return Buffer.concat([decipher.update(data), decipher.final()]).toString("utf8");
  } catch (error) {
    throw new UnsealError("isn't opened by this key: it was sealed with another, or has been changed", {
      cause: error,
    });
  }
}

function secretsOf(text: string): Secrets {
  const secrets = new Map<string, Map<string, string>>();
  for (const [service, username, secret] of secretsSchema.parse(jsonOf(text))) {
    const entries = secrets.get(service) ?? new Map<string, string>();
    secrets.set(service, entries.set(username, secret));
  }
  return secrets;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
