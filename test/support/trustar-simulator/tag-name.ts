import { badRequest } from "./api-error.js";
import { isRecord } from "./exchange.js";

const MAX_TAG_LENGTH = 90;

/** Letters and digits of any script, "-" and "_"; stored in lower case. */
export function tagName(value: unknown): string {
  if (typeof value !== "string" || value.trim() === "") throw badRequest("Tag name must not be empty");
  const name = value.trim();
  if (name.length > MAX_TAG_LENGTH) {
    throw badRequest(`Tag name must not be longer than ${MAX_TAG_LENGTH} characters`);
  }
  if (!/^[\p{L}\p{N}_-]+$/u.test(name)) throw badRequest(`Tag name contains invalid characters: ${name}`);
  return name.toLowerCase();
}

/** A list of names, or of objects with a name; null and absent are an empty list. */
export function tagNames(value: unknown): readonly string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw badRequest("Tags must be a list");
  return value.map((entry: unknown) => tagName(isRecord(entry) ? entry.name : entry));
}
