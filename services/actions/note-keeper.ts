import { UpstreamError } from "../../src/core/errors.js";
import type { Note } from "../../src/core/incident.js";
import type { ActionContext } from "./context.js";
import type { IncidentView } from "./incident-view.js";
import { makeOnce } from "./make-once.js";
import { hasOnlyOurMarkup, linesBelow, noteHeading, noteLines, reportPageOf } from "./notes/our-note.js";
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
  const hash = contentHash(html);
  if (!replaced) await ledger.recordPlannedNote(incidentId, kind, { hash, words: await wordsHash(html) });
  const noteId = replaced
    ? replaces.id
    : await makeOnce(context, {
        make: async () => (await incidents.createNote(incidentId, html, signal)).id,
        find: async () => (await ourNote(await incidents.listNotes(incidentId, signal), undefined, html))?.id,
      });
  await ledger.recordNote(incidentId, kind, { noteId, hash });
}

/** The note on our record; one that a crash kept from being recorded when it was written is recorded now. */
export async function noteOnRecord(
  { ledger }: ActionContext,
  incidentId: number,
  kind: NoteKind,
  notes: readonly Note[],
): Promise<WrittenNote | undefined> {
  const planned = ledger.plannedNote(incidentId, kind);
  if (planned === undefined) return ledger.note(incidentId, kind);
  for (const { id, text } of notes) {
    if ((await wordsHash(text)) !== planned.words) continue;
    await ledger.recordNote(incidentId, kind, { noteId: id, hash: planned.hash });
    break;
  }
  return ledger.note(incidentId, kind);
}

async function wordsHash(text: string): Promise<string> {
  return contentHash(await sortedWords(text));
}

/**
 * The note of ours that is there: the one on our record. Without a record only one that says, in the words of `html`,
 * what we are about to write, as after a crash: any other note that begins like ours is somebody else's.
 */
export async function ourNote(
  notes: readonly Note[],
  written: WrittenNote | undefined,
  html: string,
): Promise<Note | undefined> {
  if (written !== undefined) return notes.find(({ id }) => id === written.noteId);
  const words = await sortedWords(html);
  for (const note of notes) {
    if (note.text.length <= 2 * html.length && (await sortedWords(note.text)) === words) return note;
  }
  return undefined;
}

/**
 * Servers show the same note with other line breaks, indicators may come in another order, and the legacy app's links
 * lead to the same report by another host.
 */
async function sortedWords(text: string): Promise<string> {
  const lines = await noteLines(text);
  return (linesBelow(lines, noteHeading) ?? lines)
    .flatMap((line) => line.split(" "))
    .map((word) => reportPageOf(word) ?? word)
    .toSorted()
    .join(" ");
}

/**
 * The note that may be replaced. None when an analyst has written or marked something in it: what an analyst did is
 * never taken away.
 */
export async function replaceableNote(
  { incidents, signal }: ActionContext,
  { id: incidentId }: Pick<IncidentView, "id">,
  note: Note | undefined,
  isOnlyOurs: (lines: readonly string[]) => boolean,
): Promise<Note | undefined> {
  if (note === undefined || !isOnlyOurs(await noteLines(note.text))) return undefined;
  const html = await incidents.noteHtml(incidentId, note.id, signal);
  return html !== undefined && hasOnlyOurMarkup(html) ? note : undefined;
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
