import type { Note } from "../../../src/core/incident.js";
import { mentionsEnrichment } from "./our-note.js";

export interface NoteChoice {
  /** `submit_note_replies`. */
  readonly withReplies: boolean;
  readonly isOurs: (noteId: number) => boolean;
}

/**
 * Notes that a report may hold: the legacy app sent no answers to notes. What is said below a note of ours is talk about
 * TruSTAR and stays here in any case.
 * @param notes each before its answers
 */
export async function notesToSubmit(
  notes: readonly Note[],
  { withReplies, isOurs }: NoteChoice,
): Promise<readonly Note[]> {
  const staying = new Set<number>();
  const submitted: Note[] = [];
  for (const note of notes) {
    const { id, parentId, text } = note;
    const isBelowOurs = parentId !== undefined && (staying.has(parentId) || isOurs(parentId));
    if (isBelowOurs || isOurs(id) || (await mentionsEnrichment(text))) staying.add(id);
    else if (withReplies || parentId === undefined) submitted.push(note);
  }
  return submitted;
}
