import { UpstreamError } from "../../src/core/errors.js";
import type { Note } from "../../src/core/incident.js";
import type { ActionContext } from "./context.js";
import { contentHash, type NoteKind } from "./origin-ledger.js";

export interface NoteToKeep {
  readonly incidentId: number;
  readonly kind: NoteKind;
  readonly html: string;
  /** The note that says it so far. */
  readonly noteId: number | undefined;
}

/** Writes a note in place of the one that is there; a new one when there is none, or when it may not be changed. */
export async function keepNote(context: ActionContext, note: NoteToKeep): Promise<void> {
  const { incidents, ledger, signal } = context;
  const { incidentId, kind, html } = note;
  const replaced = note.noteId !== undefined && (await replaceNote(context, note, note.noteId));
  const noteId = replaced ? note.noteId : (await incidents.createNote(incidentId, html, signal)).id;
  await ledger.recordNote(incidentId, kind, { noteId, hash: contentHash(html) });
}

/** The newest of several: older ones are somebody else's, or from before. */
export function newestNote(notes: readonly Note[], isIt: (text: string) => boolean): Note | undefined {
  return notes.filter(({ text }) => isIt(text)).reduce<Note | undefined>(newer, undefined);
}

function newer(a: Note | undefined, b: Note): Note {
  return a !== undefined && a.id > b.id ? a : b;
}

/** @returns false when the note is gone or is not ours to change */
async function replaceNote(
  { incidents, signal }: ActionContext,
  { incidentId, html }: NoteToKeep,
  noteId: number,
): Promise<boolean> {
  try {
    await incidents.updateNote(incidentId, noteId, html, signal);
    return true;
  } catch (error) {
    const codes: readonly string[] = ["upstream_not_found", "upstream_forbidden", "upstream_rejected"];
    if (error instanceof UpstreamError && codes.includes(error.code)) return false;
    throw error;
  }
}
