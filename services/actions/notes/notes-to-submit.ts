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
export function notesToSubmit(notes: readonly Note[], { withReplies, isOurs }: NoteChoice): readonly Note[] {
  const belowOurs = new Set<number>();
  return notes.filter(({ id, parentId, text }) => {
    const stays =
      isOurs(id) ||
      mentionsEnrichment(text) ||
      (parentId !== undefined && (belowOurs.has(parentId) || isOurs(parentId)));
    if (stays) belowOurs.add(id);
    return !stays && (withReplies || parentId === undefined);
  });
}
