import { createDecipheriv } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { readBoundedText } from "./bounded-file.js";
import type { Environment } from "./locate-config.js";

/** Where App Host and Edge Gateway put the protected secrets of an app. */
export const appHostFolder = "/etc/secrets";

/** A secret that is there, but can't be opened; the message says why and has no part of it. */
export class ProtectedSecretError extends Error {}

/** resilient-circuits' own words for "inside a container of App Host". */
export function isOnAppHost(env: Environment): boolean {
  return /^(?:1|true|yes|on)$/i.test(env["APP_HOST_CONTAINER"] ?? "");
}

/**
 * A protected secret: a file named for it, whose first line is a compact JWE (`dir`, `A256GCM`) under the key in
 * `.jwk/key.jwk`.
 * @returns undefined when there is none of that name
 * @throws ProtectedSecretError when it can't be opened
 */
export function readProtectedSecret(name: string, folder: string): string | undefined {
  if (!/^\w[\w.-]*$/.test(name)) return undefined;
  const path = join(folder, name);
  if (!existsSync(path)) return undefined;
  const token = textOf(path, "the secret").split(/\r?\n/, 1)[0] ?? "";
  const key = parseKey(textOf(join(folder, ".jwk", "key.jwk"), "the key"));
  return openToken(token.trim(), key);
}

function textOf(path: string, what: string): string {
  try {
    return readBoundedText(path);
  } catch (error) {
    throw new ProtectedSecretError(`${what} can't be read`, { cause: error });
  }
}

const keySchema = z.object({ kty: z.literal("oct"), k: z.string() });

function parseKey(text: string): Buffer {
  const key = Buffer.from(parsedBy(keySchema, text)?.k ?? "", "base64url");
  if (key.length !== 32) throw new ProtectedSecretError("key.jwk isn't a 256 bit key of type oct");
  return key;
}

const headerSchema = z.object({ alg: z.literal("dir"), enc: z.literal("A256GCM") });

function openToken(token: string, key: Buffer): string {
  const [, header = "", ...parts] = /^([\w-]+)\.\.([\w-]{16})\.([\w-]*)\.([\w-]{22})$/.exec(token) ?? [];
  const [iv, ciphertext, tag] = parts.map((part) => Buffer.from(part, "base64url"));
  const known = parsedBy(headerSchema, Buffer.from(header, "base64url").toString("utf8"));
  if (known === undefined || iv === undefined || ciphertext === undefined || tag === undefined)
    throw new ProtectedSecretError("it isn't a compact JWE with alg dir and enc A256GCM");
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, iv, { authTagLength: 16 });
    decipher.setAAD(Buffer.from(header, "ascii")).setAuthTag(tag);
    return Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString("utf8");
  } catch (error) {
    throw new ProtectedSecretError("the key doesn't open it", { cause: error });
  }
}

function parsedBy<T>(schema: z.ZodType<T>, text: string): T | undefined {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
