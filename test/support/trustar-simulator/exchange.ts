import { badRequest } from "./api-error.js";
import type { Account } from "./model.js";
import type { Query } from "./query.js";
import type { Reply } from "./reply.js";

/** One authenticated call as a handler sees it. */
export interface Exchange {
  readonly label: string;
  readonly account: Account;
  readonly query: Query;
  readonly params: Readonly<Record<string, string>>;
  /** The parsed JSON body; null without one. */
  readonly body: unknown;
}

export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly template: string;
  readonly quotaExempt?: boolean;
  readonly handle: (exchange: Exchange) => Reply;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function recordBody(body: unknown): Readonly<Record<string, unknown>> {
  if (!isRecord(body)) throw badRequest("Required request body is missing or not an object");
  return body;
}

export function stringList(body: unknown, what: string): readonly string[] {
  if (!Array.isArray(body) || !body.every((item): item is string => typeof item === "string")) {
    throw badRequest(`${what} must be a list of strings`);
  }
  return body;
}

/** Null and absent are the same; a blank string counts as absent too. */
export function optionalText(record: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = record[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw badRequest(`${name} must be a string`);
  return value.trim() === "" ? undefined : value;
}

export function requiredText(record: Readonly<Record<string, unknown>>, name: string): string {
  const value = optionalText(record, name);
  if (value === undefined) throw badRequest(`${name} must not be empty`);
  return value;
}
