import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { openOriginLedger } from "../../services/actions/origin-ledger.js";
import { openSettledLedger } from "../../services/actions/settled-ledger.js";
import { StateFile } from "../../services/lookup/state-file.js";
import { createFakeClock } from "../support/fake-clock.js";
import { buildEngine, silentLog } from "../support/lookup-fixtures.js";
import { tempFolder, type TempFolder } from "../support/product.js";
import { fuzz } from "./fuzz.js";
import { mangled } from "./mangled.js";
import { changed, type Json } from "./odd-json.js";

const fingerprint = "f1";
const policy = "p1";
const header: Json = { format: "trustar-resilient look-ups", version: 1, source: fingerprint, policy };
const of = (value: string): Json => [{ kind: "IP", value }];
const hit: Json = {
  props: [
    { type: "string", name: "Priority Level", value: "HIGH" },
    { type: "number", name: "Sightings", value: 3 },
  ],
};
const nowMs = createFakeClock().now();
const stateLines: readonly Json[] = [
  { is: "id", id: "id-bad", of: of("203.0.113.7") },
  { is: "asked", of: of("203.0.113.7"), atMs: nowMs - 1_000, polls: 2 },
  { is: "done", of: of("203.0.113.8"), atMs: nowMs - 5_000, hits: [hit] },
  { is: "id", id: "id-hit", of: of("203.0.113.8") },
  { is: "dropped", of: of("203.0.113.9") },
  { is: "done", of: of("203.0.113.10"), atMs: nowMs - 5_000, hits: [] },
  { is: "id", id: "withdrawn", of: [] },
  { is: "gap", atMs: nowMs - 5_000 },
];
const settledLines: readonly Json[] = [
  {
    id: "ID:1",
    at: nowMs - 1_000,
    reply: { outcome: "done", message: "Done.", results: { error: null, n: [1] } },
  },
  { id: "ID:2", at: nowMs - 1_000, reply: { outcome: "failed", message: "No." } },
];
const enclaveId = "7a33144f";
const place = (incidentId: number) => ({ enclaveId, externalId: `RESILIENT${incidentId}` });
const originLines: readonly Json[] = [
  { key: "artifact 7 9", value: "1" },
  { key: "note 7 submission", value: "5 hash" },
  { key: `report ${enclaveId} RESILIENT7`, value: "1700000000000 b4c9d1e0" },
  { key: `limit ${enclaveId} RESILIENT7`, value: "50 1000 2000" },
  { key: "owed 7", value: enclaveId },
];

/** A file of lines of JSON: some changed as JSON, then the whole changed as bytes. */
function fileOf(lines: readonly Json[]): fc.Arbitrary<Buffer> {
  return fc
    .tuple(
      ...lines.map((line) =>
        fc.oneof({ weight: 2, arbitrary: fc.constant(line) }, { weight: 1, arbitrary: changed(line, 2) }),
      ),
    )
    .chain((all) => {
      const text = all.map((line) => `${JSON.stringify(line)}\n`).join("");
      return fc.oneof(fc.constant(Buffer.from(text)), mangled(text));
    });
}

describe("files", () => {
  let folder: TempFolder;
  let path: string;

  beforeAll(async () => {
    folder = await tempFolder();
    path = join(folder.path, "fuzzed");
  });
  afterAll(() => folder[Symbol.asyncDispose]());

  fuzz("the state file", 0.05, fileOf([header, ...stateLines]), async (content) => {
    await writeFile(path, content);
    const clock = createFakeClock();
    const { engine, records } = buildEngine({ clock, cacheSize: 100, maxRunning: 100 });
    const state = new StateFile({
      path,
      fingerprint,
      policy,
      log: silentLog,
      clock,
      snapshot: () => engine.snapshot(),
    });
    await engine.restore(state.load());
    for (const id of ["id-bad", "id-hit", "withdrawn", "unknown"]) {
      expect(["finished", "pending", "failed"]).toContain(engine.poll(id).state);
    }
    for (const record of records) state.append(record);
    await state.close();
    const saved = (await readFile(path, "utf8"))
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Json);
    expect(saved[0]).toEqual(header);
    // What was written, between the first line and the last, is all that the next start finds.
    expect(saved.at(-1)).toEqual({ is: "end" });
    const again = new StateFile({ path, fingerprint, policy, log: silentLog, clock, snapshot: () => [] });
    const loaded = [];
    for await (const some of again.load()) loaded.push(...some);
    expect(loaded).toHaveLength(saved.length - 2);
    engine.close();
    await rm(`${path}.unreadable`, { force: true, recursive: true });
  });

  fuzz("the ledger of answers", 0.03, fileOf(settledLines), async (content) => {
    await writeFile(path, content);
    const options = { clock: createFakeClock(), log: silentLog, file: path, maxEntries: 20 };
    const ledger = await openSettledLedger(options);
    for (const id of ["ID:1", "ID:2"]) {
      const found = ledger.find(id);
      if (found !== undefined) expect(["done", "failed"]).toContain(found.reply.outcome);
    }
    await ledger.record("ID:new", { outcome: "done", message: "new" });
    await ledger.close();
    const again = await openSettledLedger(options);
    expect(again.find("ID:new")?.reply).toEqual({ outcome: "done", message: "new" });
    await again.close();
  });

  fuzz("the ledger of what we wrote", 0.03, fileOf(originLines), async (content) => {
    await writeFile(path, content);
    const options = { log: silentLog, file: path, maxEntries: 20 };
    const ledger = await openOriginLedger(options);
    expect(typeof ledger.isOurArtifact(7, 9)).toBe("boolean");
    expect(() => [
      ledger.note(7, "submission"),
      ledger.submitted(place(7)),
      ledger.reportSize(place(7)),
    ]).not.toThrow();
    await ledger.recordOwed(8, enclaveId);
    await ledger.recordSubmitted(place(8), { reportId: "r", atMs: 5 });
    await ledger.close();
    const again = await openOriginLedger(options);
    expect([again.isOwed(8, [enclaveId]), again.submitted(place(8))]).toEqual([
      true,
      { reportId: "r", atMs: 5 },
    ]);
    await again.close();
  });
});
