import { UpstreamError } from "../../src/core/errors.js";
import type { Note } from "../../src/core/incident.js";
import type { ActionContext } from "./context.js";
import type { IncidentView } from "./incident-view.js";
import { hasOnlyOurMarkup } from "./notes/our-note.js";
import { contentHash, type NoteKind, type WrittenNote } from "./origin-ledger.js";

export interface NoteToKeep {
  readonly incidentId: number;
  readonly kind: NoteKind;
  readonly html: string;
  /** The note that says it so far, as it was read; nobody but us has written in it. */
  readonly replaces: Note | undefined;
}

/** Writes a note in place of the one that is there; a new one when there is none, or when it may not be changed. */
export async function keepNote(context: ActionContext, note: NoteToKeep): Promise<void> {
  const { incidents, ledger, signal } = context;
  const { incidentId, kind, html, replaces } = note;
  const replaced = replaces !== undefined && (await replaceNote(context, note, replaces));
  const noteId = replaced ? replaces.id : (await incidents.createNote(incidentId, html, signal)).id;
  await ledger.recordNote(incidentId, kind, { noteId, hash: contentHash(html) });
}

/**
 * The note that may be replaced: the one that we remember; without a memory the newest that looks like it. None when an
 * analyst has written or marked something in it: what an analyst did is never taken away.
 */
export async function replaceableNote(
  { incidents, signal }: ActionContext,
  { id: incidentId }: Pick<IncidentView, "id">,
  notes: readonly Note[],
  written: WrittenNote | undefined,
  isOnlyOurs: (text: string) => boolean,
): Promise<Note | undefined> {
  const candidates = written === undefined ? notes : notes.filter(({ id }) => id === written.noteId);
  const newest = candidates.filter(({ text }) => isOnlyOurs(text)).reduce<Note | undefined>(newer, undefined);
  const html = newest && (await incidents.noteHtml(incidentId, newest.id, signal));
  return html !== undefined && hasOnlyOurMarkup(html) ? newest : undefined;
}

function newer(a: Note | undefined, b: Note): Note {
  return a !== undefined && a.id > b.id ? a : b;
}

/** @returns false when the note is gone, is not ours to change, or was changed since it was read */
async function replaceNote(
  { incidents, signal }: ActionContext,
  { incidentId, html }: NoteToKeep,
  { id, text }: Note,
): Promise<boolean> {
  try {
    // Minutes may lie between: TruSTAR takes its time with a report.
    const current = (await incidents.listNotes(incidentId, signal)).find((note) => note.id === id);
    if (current?.text !== text) return false;
    await incidents.updateNote(incidentId, id, html, signal);
    return true;
  } catch (error) {
    const codes: readonly string[] = ["upstream_not_found", "upstream_forbidden", "upstream_rejected"];
    if (error instanceof UpstreamError && codes.includes(error.code)) return false;
    throw error;
  }
}
