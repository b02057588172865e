import { setImmediate as turn } from "node:timers/promises";
import { z } from "zod";

const itemsAtOnce = 500;

/**
 * A list whose items are read one by one, for `safeParseAsync`: others get their turn meanwhile, and the first item that
 * can't be read ends it, where zod's own list would complain about each.
 */
export function listEach<T>(item: z.ZodType<T>): z.ZodType<T[]> {
  return z.unknown().transform(async (list, context): Promise<T[]> => {
    const read: T[] = [];
    if (!Array.isArray(list)) {
      context.addIssue({ code: "custom", message: "Invalid input: expected array" });
      return z.NEVER;
    }
    for (const one of list as readonly unknown[]) {
      const parsed = await item.safeParseAsync(one);
      if (!parsed.success) {
        const [issue] = parsed.error.issues;
        const path = [read.length, ...(issue?.path ?? [])];
        context.addIssue({ code: "custom", message: issue?.message ?? "", path });
        return z.NEVER;
      }
      read.push(parsed.data);
      if (read.length % itemsAtOnce === 0) await turn();
    }
    return read;
  });
}
