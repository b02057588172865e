import { appendFile, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openOriginLedger } from "../../../services/actions/origin-ledger.js";
import { createLogCapture } from "../../support/log-capture.js";

const place = { enclaveId: "e-1", externalId: "RESILIENT1" };
const artifact = (id: number, value: string) => ({
  id,
  typeId: 1,
  value,
  description: "",
  createdMs: 1,
  hits: [],
});

describe("origin ledger", () => {
  let folder = "";
  const { log } = createLogCapture();
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "origin-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("knows what was recorded, by incident", async () => {
    const ledger = await openOriginLedger({ log });
    await ledger.recordArtifacts(1, [artifact(5, "http://Evil.example/")]);
    await ledger.recordNote(1, "indicators", { noteId: 9, hash: "h" });
    await ledger.recordReportSize(place, { artifacts: 50, chars: Infinity, fullChars: 9 });
    expect([ledger.isOurArtifact(1, 5), ledger.isOurArtifact(2, 5), ledger.isOurArtifact(1, 6)]).toEqual([
      true,
      false,
      false,
    ]);
    expect([ledger.hasAdded(1, "http://evil.example"), ledger.hasAdded(2, "http://evil.example")]).toEqual([
      true,
      false,
    ]);
    expect([ledger.isOurNote(1, 9), ledger.isOurNote(1, 8), ledger.isOurNote(2, 9)]).toEqual([
      true,
      false,
      false,
    ]);
    expect(ledger.note(1, "submission")).toBeUndefined();
    expect(ledger.reportSize(place)).toEqual({ artifacts: 50, chars: Infinity, fullChars: 9 });
  });

  it("has a bounded size, however long the ids are that TruSTAR gives", async () => {
    const file = join(folder, "long.written");
    const ledger = await openOriginLedger({ log, file, maxEntries: 20 });
    for (let at = 0; at < 20; at += 1) {
      const there = { ...place, externalId: `RESILIENT${at}` };
      await ledger.recordSubmitted(there, { reportId: "\u65e5".repeat(1_000), atMs: at });
      expect((await stat(file)).size).toBeLessThanOrEqual(20_000);
    }
    expect(ledger.submitted({ ...place, externalId: "RESILIENT19" })).toBeDefined();
    await ledger.close();
  });

  it("knows a submission until its report is deleted", async () => {
    const ledger = await openOriginLedger({ log });
    await ledger.recordSubmitted(place, { reportId: "r-1", atMs: 5 });
    expect(ledger.submitted(place)).toEqual({ reportId: "r-1", atMs: 5 });
    await ledger.forgetSubmitted(place);
    expect(ledger.submitted(place)).toBeUndefined();
  });

  it("keeps what it knows of reports and debts apart by enclave: each belongs to one company", async () => {
    const ledger = await openOriginLedger({ log });
    await ledger.recordSubmitted(place, { reportId: "r-1", atMs: 5 });
    await ledger.recordReportSize(place, { artifacts: 1, chars: 2, fullChars: 3 });
    await ledger.recordOwed(1, "e-1");
    const other = { ...place, enclaveId: "e-2" };
    expect([ledger.submitted(other), ledger.reportSize(other)]).toEqual([undefined, undefined]);
    expect([ledger.isOwed(1, ["e-2"]), ledger.isOwed(1, ["e-3", "e-1"])]).toEqual([false, true]);
    await ledger.settleOwed(1);
    expect(ledger.isOwed(1, ["e-1"])).toBe(false);
  });

  it("reads the lines of an earlier version: a debt counts, reports without enclave are nobody's", async () => {
    const file = join(folder, "origin.jsonl");
    const lines = [
      { key: "report RESILIENT1", value: "5 r-1" },
      { key: "limit RESILIENT1", value: "50" },
      { key: "owed 1", value: "1" },
    ];
    await appendFile(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    const ledger = await openOriginLedger({ log, file });
    expect([ledger.submitted(place), ledger.reportSize(place)]).toEqual([undefined, undefined]);
    expect(ledger.isOwed(1, ["e-1"])).toBe(true);
    await ledger.close();
  });

  it("reads a size of 2.0.0 where it says the same now: without a bound for texts", async () => {
    const file = join(folder, "origin.jsonl");
    const lines = [
      { key: "limit e-1 RESILIENT1", value: "50 Infinity 9000" },
      { key: "limit e-1 RESILIENT2", value: "Infinity 1500 9000" },
    ];
    await appendFile(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    const ledger = await openOriginLedger({ log, file });
    expect(ledger.reportSize(place)).toEqual({ artifacts: 50, chars: Infinity, fullChars: 9_000 });
    expect(ledger.reportSize({ ...place, externalId: "RESILIENT2" })).toBeUndefined();
    await ledger.recordReportSize(place, { artifacts: 40, chars: 700, fullChars: 8_000 });
    expect(ledger.reportSize(place)).toEqual({ artifacts: 40, chars: 700, fullChars: 8_000 });
    await ledger.close();
  });

  it("forgets the oldest when it is full", async () => {
    const ledger = await openOriginLedger({ log, maxEntries: 4 });
    for (let id = 1; id <= 3; id++) await ledger.recordArtifacts(1, [artifact(id, `v${id}`)]);
    expect([1, 2, 3].map((id) => ledger.isOurArtifact(1, id))).toEqual([false, true, true]);
  });

  it("remembers after a restart, with a file for its owner only and no values in it", async () => {
    const file = join(folder, "origin.jsonl");
    const first = await openOriginLedger({ log, file });
    await first.recordArtifacts(1, [artifact(5, "evil.example")]);
    await first.recordNote(1, "submission", { noteId: 9, hash: "h" });
    await first.close();
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, "utf8")).not.toContain("evil");
    await appendFile(file, '{"key":"artifact 1 6","val');
    const second = await openOriginLedger({ log, file });
    await second.recordArtifacts(1, [artifact(7, "x")]);
    expect([5, 6, 7].map((id) => second.isOurArtifact(1, id))).toEqual([true, false, true]);
    expect(second.note(1, "submission")).toEqual({ noteId: 9, hash: "h" });
    await second.close();
  });

  it("rewrites a file that has grown too long", async () => {
    const file = join(folder, "origin.jsonl");
    const ledger = await openOriginLedger({ log, file, maxEntries: 4 });
    for (let id = 1; id <= 50; id++) await ledger.recordNote(1, "submission", { noteId: id, hash: "h" });
    await ledger.close();
    expect((await readFile(file, "utf8")).trim().split("\n").length).toBeLessThan(20);
    const again = await openOriginLedger({ log, file });
    expect(again.note(1, "submission")?.noteId).toBe(50);
    await again.close();
  });

  it("goes on in memory when its file can't be written", async () => {
    const file = join(folder, "origin.jsonl");
    const capture = createLogCapture();
    const ledger = await openOriginLedger({ log: capture.log, file });
    await ledger.close();
    await ledger.recordArtifacts(1, [artifact(5, "x")]);
    expect(ledger.isOurArtifact(1, 5)).toBe(true);
    expect(capture.lines().map(({ level }) => level)).toEqual([50]);
  });
});
