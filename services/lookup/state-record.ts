import { z } from "zod";
import type { Hit } from "../../src/core/hit.js";
import type { LookupId } from "../../src/core/lookup.js";
import { candidateKinds, type Candidate } from "../core/candidate.js";
import { isDigest, type AskedAbout } from "./subject.js";

/**
 * One line of the state file. Replaying the lines in order gives the state: an `id` belongs to the look-up of its
 * candidates (none = withdrawn), `asked` opens a look-up, `done` and `dropped` close it; what was `done` before an
 * `asked` or a `dropped` is an old hit at most. A `gap` tells that lines from before it may be missing. Times are
 * milliseconds since the epoch.
 */
export type StateRecord =
  | { readonly is: "id"; readonly id: LookupId; readonly of: AskedAbout }
  | {
      readonly is: "asked";
      readonly of: readonly Candidate[];
      readonly atMs: number;
      readonly polls: number;
      /** The first id that belongs to it: an `id` record in the same line. */
      readonly id?: LookupId | undefined;
    }
  | {
      readonly is: "done";
      readonly of: AskedAbout;
      readonly atMs: number;
      readonly hits: readonly Hit[];
    }
  | { readonly is: "dropped"; readonly of: AskedAbout }
  | { readonly is: "gap"; readonly atMs: number };

const value = z.string().regex(/^[^\n]*$/);
const candidates = z.array(z.object({ kind: z.enum(candidateKinds), value }));
const id = z.string().transform((text) => text as LookupId);
const digest = z.string().refine(isDigest);
const of = candidates.min(1);
const property = z.union([
  z.object({ type: z.enum(["string", "uri", "ip"]), name: z.string(), value: z.string() }),
  z.object({ type: z.literal("number"), name: z.string(), value: z.number() }),
  z.object({
    type: z.literal("lat_lng"),
    name: z.string(),
    value: z.object({ lat: z.number(), lng: z.number() }),
  }),
]);
const record = z.discriminatedUnion("is", [
  z.object({ is: z.literal("id"), id, of: z.union([candidates, digest]) }),
  z.object({ is: z.literal("asked"), of, atMs: z.number(), polls: z.number(), id: id.optional() }),
  z.object({
    is: z.literal("done"),
    of: z.union([of, digest]),
    atMs: z.number(),
    hits: z.array(z.object({ props: z.array(property) })),
  }),
  z.object({ is: z.literal("dropped"), of: z.union([of, digest]) }),
  z.object({ is: z.literal("gap"), atMs: z.number() }),
]);

/** undefined = not one of our lines (a torn write, a disk's garbage). */
export function readRecord(line: string): StateRecord | undefined {
  try {
    return record.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
