import { notesToSubmit } from "../../../../services/actions/notes/notes-to-submit.js";

const note = (id: number, parentId?: number, text = `note ${id}`) => ({ id, parentId, text, createdMs: 1 });

/** 1 and 5 are an analyst's, 7 is gone; 2 is ours by our memory, 9 by its words. */
const thread = [
  note(1),
  note(11, 1),
  note(111, 11),
  note(2),
  note(21, 2),
  note(211, 21),
  note(5),
  note(71, 7),
  note(9, undefined, "TruSTAR Enrichment\nIP: 203.0.113.5"),
  note(91, 9),
];
const isOurs = (id: number) => id === 2 || id === 3;
const ids = async (withReplies: boolean, notes = thread) =>
  (await notesToSubmit(notes, { withReplies, isOurs })).map(({ id }) => id);

it("leaves answers out, those of a note that is gone, too", async () => {
  expect(await ids(false)).toEqual([1, 5]);
});

it("takes answers where they are asked for, but none below a note of ours", async () => {
  expect(await ids(true)).toEqual([1, 11, 111, 5, 71]);
  expect(await ids(true, [note(31, 3)])).toEqual([]);
});
