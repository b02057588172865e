import { setImmediate as turn } from "node:timers/promises";
import type { z } from "zod";
import { UpstreamError } from "../../src/core/errors.js";

export interface ReadItems<T> {
  readonly items: readonly T[];
  /** Items of which something could not be read and was left out. */
  readonly odd: number;
}

/** Then everybody else has a turn. */
const itemsAtOnce = 500;

/** Items about values: none may be dropped, for a known value would then look unknown. */
type AboutValue = z.ZodObject<{ value: z.ZodType<string | null | undefined> }>;

/**
 * Reads items one by one; what is unreadable in one is left out of it, and it stays.
 * @throws UpstreamError `upstream_unreadable_item` when an item can't be understood, or doesn't say which of several
 * asked values it is about
 */
export async function readItemsAbout<T extends AboutValue>(
  asked: readonly string[],
  items: readonly unknown[],
  schema: T,
  endpoint: string,
): Promise<ReadItems<z.output<T> & { readonly value: string }>> {
  const { items: read, odd } = await readItems(items, schema);
  if (read.length < items.length) throw unreadable(endpoint, "an item that can't be understood");
  const only = asked.length === 1 ? asked[0] : undefined;
  const about = read.map((item) => {
    const value = item.value ?? only;
    if (value === undefined) throw unreadable(endpoint, "an item that doesn't say which value it is about");
    return { ...item, value };
  });
  return { items: about, odd };
}

/** Reads items one by one; those that can't be read are left out, and counted as odd. */
export async function readItems<T extends z.ZodObject>(
  items: readonly unknown[],
  schema: T,
): Promise<ReadItems<z.output<T>>> {
  const read: z.output<T>[] = [];
  let odd = 0;
  for (const [index, item] of items.entries()) {
    if (index % itemsAtOnce === itemsAtOnce - 1) await turn();
    const parsed = schema.safeParse(item);
    if (parsed.success) read.push(parsed.data);
    if (!parsed.success || isIncomplete(item as object, parsed.data)) odd += 1;
  }
  return { items: read, odd };
}

/** Something was there and has not been read. */
function isIncomplete(raw: object, read: object): boolean {
  const sent = raw as Readonly<Record<string, unknown>>;
  return Object.entries(read).some(([name, value]: [string, unknown]) => {
    if (Array.isArray(value)) return value.includes(undefined) || value.includes(null);
    return value === undefined && sent[name] != null;
  });
}

function unreadable(endpoint: string, what: string): UpstreamError {
  return new UpstreamError("upstream_unreadable_item", `TruSTAR's answer to ${endpoint} holds ${what}`);
}
