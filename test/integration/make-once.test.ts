import { makeOnce } from "../../services/actions/make-once.js";
import type { ResilientClient } from "../../services/resilient/resilient-client.js";
import { beforeEachResilient } from "../support/fresh-resilient.js";
import { failureOf, never } from "../support/resilient-fixture.js";
import type { ResilientSimulator } from "../support/resilient-simulator/resilient-simulator.js";

let simulator: ResilientSimulator;
let client: ResilientClient;
let id: number;
beforeEachResilient((fresh) => {
  ({ simulator, client } = fresh);
  id = simulator.seedIncident().dto.id;
});

const signal = never;
const make = () =>
  makeOnce(
    { signal },
    {
      make: async () => (await client.createNote(id, "a note", signal)).id,
      find: async () => (await client.listNotes(id, signal)).find(({ text }) => text === "a note")?.id,
    },
  );
const notes = () => simulator.incident(id).comments.length;
const posts = () => simulator.calls.count("POST", "/incidents/:id/comments");
const faulty = (fault: object, method = "POST") => {
  simulator.faults.add({ kind: "reset", method, path: "/comments", ...fault });
};

test("an answer that got lost is looked for", async () => {
  faulty({ when: "after" });
  await make();
  expect([notes(), posts()]).toEqual([1, 1]);
});

test("an answer that ends in the middle leaves one note", async () => {
  faulty({ kind: "half-body" });
  await make();
  expect(notes()).toBe(1);
});

test("what was cut before it was done is sent again", async () => {
  faulty({ when: "before" });
  await make();
  expect([notes(), posts()]).toEqual([1, 2]);
});

test("whatever is cut, time and again, is made at most once", async () => {
  faulty({ when: "before", times: 1 });
  faulty({ when: "after", times: 1 });
  await make();
  expect([notes(), posts()]).toEqual([1, 2]);
});

test("a server that may still be at it gets no second request", async () => {
  faulty({ kind: "status", status: 502 });
  expect((await failureOf(make())).message).toMatch(/It may have been done all the same$/);
  expect([notes(), posts()]).toEqual([0, 1]);
});

test("what can't be looked for is not sent again", async () => {
  faulty({ when: "before" });
  faulty({ kind: "status", status: 500, times: 100 }, "GET");
  expect((await failureOf(make())).message).toMatch(/It may have been done all the same$/);
  expect(posts()).toBe(1);
});

test("a refusal is no doubt", async () => {
  faulty({ kind: "status", status: 400 });
  await failureOf(make());
  expect(simulator.calls.count("GET", "/incidents/:id/comments")).toBe(0);
});
