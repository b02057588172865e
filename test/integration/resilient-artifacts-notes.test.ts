import { beforeEachResilient } from "../support/fresh-resilient.js";
import { describe, expect, test } from "@jest/globals";
import { Secret } from "../../src/core/secret.js";
import type { ResilientClient } from "../../services/resilient/resilient-client.js";
import { aClient, byAccount, captureLog, never } from "../support/resilient-fixture.js";
import { issueContextToken } from "../support/resilient-simulator/context-token.js";
import type { ResilientSimulator } from "../support/resilient-simulator/resilient-simulator.js";

let simulator: ResilientSimulator;
let client: ResilientClient & Disposable;
beforeEachResilient((fresh) => {
  ({ simulator, client } = fresh);
});

describe("artifacts", () => {
  test("are created by type id; split, deduplicated or refused by the server", async () => {
    const { id } = simulator.seedIncident().dto;
    const add = (typeId: number, value: string) =>
      client.createArtifact(id, { typeId, value, description: "TruSTAR Correlated Indicator" }, never);
    const [ip] = await add(1, "45.9.148.1");
    expect(ip).toMatchObject({
      typeId: 1,
      value: "45.9.148.1",
      description: "TruSTAR Correlated Indicator",
      hits: [],
    });
    expect(await add(1, "45.9.148.1")).toEqual([ip]);
    expect((await add(3, "http://a.example/x http://b.example/")).map(({ value }) => value)).toEqual([
      "http://a.example/x",
      "http://b.example/",
    ]);
    for (const bad of ["a.example/x", "http://", "http://[::bad/"]) {
      await expect(add(3, bad)).rejects.toThrow(/The specified URL is invalid/);
    }
    expect(await add(1000, "a.example/x")).toHaveLength(1);
    expect(await client.listArtifacts(id, never)).toHaveLength(4);
    expect(await client.getArtifact(id, ip?.id ?? 0, never)).toEqual(ip);
  });

  test("are listed by pages where the plain list is gone", async () => {
    const artifacts = Array.from({ length: 250 }, (_, n) => ({ type: 29, value: `value ${n}` }));
    const { id } = simulator.seedIncident({ artifacts }).dto;
    simulator.faults.add({ kind: "status", method: "GET", path: /artifacts/, status: 405 });
    const listed = await client.listArtifacts(id, never);
    expect(listed.map(({ value }) => value)).toEqual(artifacts.map(({ value }) => value));
    expect(simulator.calls.count("POST", "/incidents/:id/artifacts/query_paged")).toBe(3);
  });

  test.each([
    ["long", { maxAnswerBytes: 120_000 }],
    ["rich", { maxParts: 6_000 }],
  ])("are listed by pages where the plain list is too %s for one answer", async (_how, bounds) => {
    const artifacts = Array.from({ length: 250 }, (_, n) => ({
      type: 29,
      value: `value ${n} ${"x".repeat(500)}`,
    }));
    const { id } = simulator.seedIncident({ artifacts }).dto;
    using small = aClient(simulator, bounds);
    const listed = await small.listArtifacts(id, never);
    expect(listed.map(({ value }) => value)).toEqual(artifacts.map(({ value }) => value));
    expect(simulator.calls.count("GET", "/incidents/:id/artifacts")).toBe(1);
    expect(simulator.calls.count("POST", "/incidents/:id/artifacts/query_paged")).toBe(3);
  });

  test("a hundred at once go through a bounded number of sockets", async () => {
    const { id } = simulator.seedIncident().dto;
    using few = aClient(simulator, { maxSockets: 4 });
    simulator.faults.add({ kind: "latency", ms: 5, path: "/artifacts", times: 100 });
    const create = (n: number) =>
      few.createArtifact(id, { typeId: 29, value: `${n}`, description: "" }, never);
    await Promise.all(Array.from({ length: 100 }, (_, n) => create(n)));
    expect(simulator.incident(id).artifacts).toHaveLength(100);
  });
});

describe("notes", () => {
  test("are written as HTML and read as text, answers included", async () => {
    const { id } = simulator.seedIncident().dto;
    const note = await client.createNote(id, "<h3>TruSTAR Enrichment</h3><b>IP: </b>&lt;script&gt;", never);
    simulator.world.incidents.get(id)?.comments.push({
      ...simulator.incident(id).comments[0]!,
      id: 9_999,
      parent_id: note.id,
      text: "seen",
    });
    expect(await client.listNotes(id, never)).toEqual([
      { ...note, text: "TruSTAR Enrichment\nIP: <script>", parentId: undefined },
      { ...note, id: 9_999, text: "seen", parentId: note.id },
    ]);
    expect(await client.noteHtml(id, note.id, never)).toContain("<b>IP: </b>&lt;script&gt;");
    expect(await client.noteHtml(id, 9_999, never)).toContain("seen");
    expect(await client.noteHtml(id, 1, never)).toBeUndefined();
  });

  test("are changed and deleted; deleting what is gone is no error", async () => {
    const { id } = simulator.seedIncident().dto;
    const note = await client.createNote(id, "first", never);
    await client.updateNote(id, note.id, "<i>second</i>", never);
    expect((await client.listNotes(id, never)).map(({ text }) => text)).toEqual(["second"]);
    simulator.faults.add({ kind: "reset", when: "after", method: "DELETE" });
    await client.deleteNote(id, note.id, never);
    await client.deleteNote(id, note.id, never);
    expect(await client.listNotes(id, never)).toEqual([]);
  });
});

test("a note that clashes with somebody's change is written again; if it never gets through, that is no refusal", async () => {
  const { id } = simulator.seedIncident().dto;
  const note = await client.createNote(id, "<b>first</b>", never);
  simulator.faults.add({ kind: "status", status: 409, method: "PUT", times: 2 });
  await client.updateNote(id, note.id, "<b>second</b>", never);
  expect((await client.listNotes(id, never)).map(({ text }) => text)).toEqual(["second"]);
  simulator.faults.add({ kind: "status", status: 409, method: "PUT", times: 100 });
  await expect(client.updateNote(id, note.id, "third", never)).rejects.toMatchObject({
    code: "upstream_failed",
    status: 409,
  });
});

describe("calls made for a message", () => {
  test("carry its context token, others do not", async () => {
    const { id } = simulator.seedIncident().dto;
    const token = issueContextToken([19], Date.now());
    const operations = client.forMessage(new Secret(token));
    await operations.createNote(id, "for a message", never);
    await operations.getIncident(id, never);
    await client.createNote(id, "for nobody", never);
    await client.forMessage(undefined).createNote(id, "no token", never);
    await client.forMessage(new Secret("not a\nheader")).createNote(id, "bad token", never);
    const tokens = simulator.calls.all.filter(({ route }) => route !== "/session").map((call) => call.token);
    expect(tokens).toEqual([token, token, undefined, undefined, undefined]);
  });
});

describe("customizations", () => {
  test("rules and destinations are listed", async () => {
    expect((await client.listRules(never))?.map(({ name }) => name)).toContain("Send To TruSTAR");
    expect(await client.listMessageDestinations(never)).toEqual([
      { id: 9, name: "trustar", programmaticName: "trustar", userIds: [1], apiKeyIds: [4] },
    ]);
    expect(await client.actionsEnabled(never)).toBe(true);
  });

  test("all that an import brings is read as an export holds it, list by list", async () => {
    simulator.faults.add({ kind: "status", path: "/workflows", status: 403 });
    const { lists, unreadable } = await client.readCustomizations(never);
    expect([...unreadable]).toEqual(["workflows"]);
    expect(lists["functions"]).toContainEqual(
      expect.objectContaining({ name: "submit_report_to_trustar", destination_handle: "trustar" }),
    );
    expect(lists["fields"]).toContainEqual(
      expect.objectContaining({ export_key: "__function/trustar_incident_id", input_type: "number" }),
    );
    expect(lists["actions"]).toContainEqual(
      expect.objectContaining({ object_type: "incident", message_destinations: ["trustar"] }),
    );
  });

  test("rules that may not be read are unknown, which is told and tolerated", async () => {
    const log = captureLog();
    using quiet = aClient(simulator, { log });
    simulator.faults.add({ kind: "status", path: "/actions", status: 403 });
    expect(await quiet.listRules(never)).toBeUndefined();
    expect(log.lines.filter(({ level }) => level === "warn")).toHaveLength(1);
  });

  test.each(["key", "account"])("our %s is put on a destination once", async (kind) => {
    const [destination] = simulator.world.destinations;
    destination!.users = [];
    destination!.api_keys = [7];
    using listener =
      kind === "key" ? aClient(simulator) : aClient(simulator, { credentials: byAccount(simulator) });
    simulator.faults.add({ kind: "status", method: "PUT", status: 409 });
    await listener.listenOn(9, never);
    await listener.listenOn(9, never);
    expect(destination).toMatchObject(
      kind === "key" ? { users: [], api_keys: [7, 4] } : { users: [1], api_keys: [7] },
    );
    expect(simulator.calls.count("PUT", "/message_destinations/:id")).toBe(2);
  });
});
