import { z } from "zod";
import type { Note } from "../../src/core/incident.js";
import { listEach } from "../http/list-each.js";
import { optional, text } from "./wire.js";

interface WireNote {
  readonly id: number;
  readonly parent_id: number | undefined;
  readonly text: string;
  readonly create_date: number | undefined;
  readonly is_deleted: boolean | undefined;
  readonly children: WireNote[] | undefined;
}

const fields = {
  id: z.number(),
  parent_id: optional(z.number()),
  text,
  create_date: optional(z.number()),
  is_deleted: optional(z.boolean()),
};

/** A note with the notes that answer it below. */
export const noteTree: z.ZodType<WireNote> = z.lazy(() =>
  z.object({ ...fields, children: optional(listEach(noteTree)) }),
);

/**
 * Each note before its answers, which their place in the tree makes answers. A deleted one stays in the tree as long as
 * it has answers; it says nothing.
 */
export function flattenNotes(tree: readonly WireNote[], parentId?: number): Note[] {
  return tree.flatMap((note) => [
    ...(note.is_deleted === true ? [] : [toNote({ ...note, parent_id: note.parent_id ?? parentId })]),
    ...flattenNotes(note.children ?? [], note.id),
  ]);
}

export function toNote(wire: WireNote): Note {
  return { id: wire.id, parentId: wire.parent_id, text: wire.text, createdMs: wire.create_date };
}
