import { UpstreamError } from "../../src/core/errors.js";
import type { IncidentSource, IncidentWriter } from "../../src/core/incident.js";
import { listEach } from "../http/list-each.js";
import { rereadOnConflict } from "./conflict.js";
import { flattenNotes, noteTree, toNote } from "./note-wire.js";
import type { Send } from "./transport.js";
import { anything, asText, html } from "./wire.js";

export interface NoteOperations
  extends
    Pick<IncidentSource, "listNotes" | "noteHtml">,
    Pick<IncidentWriter, "createNote" | "updateNote" | "deleteNote"> {}

export function createNoteOperations(send: Send): NoteOperations {
  return {
    listNotes: async (incidentId, signal) => {
      const path = `/incidents/${incidentId}/comments`;
      const what = `list the notes of incident ${incidentId}`;
      return flattenNotes(
        await send({ method: "GET", path, query: asText, answer: listEach(noteTree), what }, signal),
      );
    },

    // Not asked for alone: what an answer for one note looks like is not documented.
    noteHtml: async (incidentId, noteId, signal) => {
      const path = `/incidents/${incidentId}/comments`;
      const what = `read note ${noteId} of incident ${incidentId}`;
      const notes = flattenNotes(
        await send({ method: "GET", path, answer: listEach(noteTree), what }, signal),
      );
      return notes.find(({ id }) => id === noteId)?.text;
    },

    createNote: async (incidentId, content, signal) => {
      const path = `/incidents/${incidentId}/comments`;
      const what = `add a note to incident ${incidentId}`;
      const body = { text: html(content) };
      const request = {
        method: "POST",
        path,
        query: asText,
        body,
        answer: noteTree,
        what,
        texts: [content],
        repeatable: false,
      } as const;
      return toNote(await send(request, signal));
    },

    updateNote: async (incidentId, noteId, content, signal) => {
      const path = `/incidents/${incidentId}/comments/${noteId}`;
      const what = `change note ${noteId} of incident ${incidentId}`;
      const request = { method: "PUT", path, body: { text: html(content) }, answer: anything, what } as const;
      // Our note is written whole: what somebody else made of it meanwhile does not count.
      await rereadOnConflict(() => send({ ...request, texts: [content] }, signal), what);
    },

    deleteNote: async (incidentId, noteId, signal) => {
      const path = `/incidents/${incidentId}/comments/${noteId}`;
      const what = `delete note ${noteId} of incident ${incidentId}`;
      try {
        await send({ method: "DELETE", path, answer: anything, what }, signal);
      } catch (error) {
        // Gone is what was wanted; a repeated DELETE whose first answer was lost ends here as well.
        if (!(error instanceof UpstreamError && error.code === "upstream_not_found")) throw error;
      }
    },
  };
}
