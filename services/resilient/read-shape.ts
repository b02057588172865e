import type { z } from "zod";

export type Read<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly where: string };

/** What a server has sent in the shape it should have; `where` it has not. Nested beyond the stack, it has none. */
export async function readShape<T>(shape: z.ZodType<T>, body: unknown): Promise<Read<T>> {
  try {
    const parsed = await shape.safeParseAsync(body);
    if (parsed.success) return { ok: true, value: parsed.data };
    const [first] = parsed.error.issues;
    const where = first === undefined ? "" : `${first.path.map(String).join(".") || "top"}: ${first.message}`;
    return { ok: false, where };
  } catch (error) {
    if (error instanceof RangeError) return { ok: false, where: "nested too deeply" };
    throw error;
  }
}
