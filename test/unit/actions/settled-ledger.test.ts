import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Reply } from "../../../src/core/action.js";
import { HOUR_MS } from "../../../src/core/time.js";
import { type LedgerOptions, openSettledLedger } from "../../../services/actions/settled-ledger.js";
import { quietLog } from "../../support/link-harness.js";

let directory: string;
let file: string;
let nowMs: number;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "ledger-"));
  file = path.join(directory, "settled.state");
  nowMs = 1_700_000_000_000;
});

afterEach(() => rm(directory, { recursive: true }));

const clock = { now: () => nowMs };
const reply = (message: string): Reply => ({ outcome: "done", message, results: { error: null, n: [1] } });
const open = (options: Partial<LedgerOptions> = {}) =>
  openSettledLedger({ clock, log: quietLog, ...options });
const lines = async () => (await readFile(file, "utf8")).split("\n").filter((line) => line !== "");

describe("the settled ledger", () => {
  it("remembers answers for an hour", async () => {
    const ledger = await open();
    await ledger.record("ID:1", reply("one"));
    nowMs += HOUR_MS - 1;
    expect(ledger.find("ID:1")?.reply).toEqual(reply("one"));
    nowMs += 2;
    expect(ledger.find("ID:1")).toBeUndefined();
  });

  it("forgets the oldest when there are too many, or when they are too big", async () => {
    const few = await open({ maxEntries: 2 });
    for (const id of ["a", "b", "c"]) await few.record(id, reply(id));
    expect(["a", "b", "c"].map((id) => few.find(id)?.reply.message)).toEqual([undefined, "b", "c"]);
    const small = await open({ maxBytes: 2_500 });
    for (const id of ["a", "b", "c"]) await small.record(id, reply(id.repeat(1_000)));
    expect(["a", "b", "c"].map((id) => small.find(id) !== undefined)).toEqual([false, true, true]);
  });

  it("counts refused answers", async () => {
    const ledger = await open();
    await ledger.record("ID:1", reply("one"));
    expect([ledger.refused("ID:1"), ledger.refused("ID:1"), ledger.refused("ID:unknown")]).toEqual([1, 2, 0]);
    expect(ledger.find("ID:1")?.refusals).toBe(2);
  });
});

describe("a ledger with a file", () => {
  it("is there after a crash, for its owner only, until its time is over", async () => {
    const before = await open({ file });
    await before.record("ID:1", reply("Zwölf 🦔"));
    nowMs += HOUR_MS / 2;
    await before.record("ID:2", { outcome: "failed", message: "No." });
    // No close: this is the crash.
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const after = await open({ file });
    expect(after.find("ID:1")?.reply).toEqual(reply("Zwölf 🦔"));
    expect(after.find("ID:2")?.reply).toEqual({ outcome: "failed", message: "No." });
    nowMs += HOUR_MS / 2 + 1;
    expect(after.find("ID:1")).toBeUndefined();
    const later = await open({ file });
    expect(later.find("ID:2")).toBeDefined();
    expect(await lines()).toHaveLength(1);
    await Promise.all([before.close(), after.close(), later.close()]);
  });

  it("counts what its answers take in the file, so that it is not written anew for each", async () => {
    const ledger = await open({ file, maxBytes: 10_000 });
    for (let at = 0; at < 30; at += 1) {
      await ledger.record(`ID:${at}`, reply("\u65e5".repeat(1_000)));
      expect((await stat(file)).size).toBeLessThanOrEqual(20_000);
    }
    expect(ledger.find("ID:29")).toBeDefined();
    await ledger.close();
    const after = await open({ file, maxBytes: 10_000 });
    expect([26, 27, 28, 29].map((at) => after.find(`ID:${at}`) !== undefined)).toEqual([
      false,
      true,
      true,
      true,
    ]);
    await after.close();
  });

  it("makes do with what can be read", async () => {
    const at = nowMs;
    const good = JSON.stringify({ id: "ID:1", at, reply: reply("one") });
    await writeFile(file, `not JSON\n{"id":1}\n${good}\n${good.slice(0, 20)}`, { mode: 0o644 });
    const ledger = await open({ file });
    expect(ledger.find("ID:1")).toBeDefined();
    expect(await lines()).toEqual([good]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await ledger.close();
  });

  it("does not grow without end, and loses nothing when written to from many sides", async () => {
    const ledger = await open({ file, maxEntries: 10 });
    const ids = Array.from({ length: 105 }, (_, n) => `ID:${n}`);
    await Promise.all(ids.map((id) => ledger.record(id, reply(id))));
    expect((await lines()).length).toBeLessThanOrEqual(20);
    const again = await open({ file, maxEntries: 10 });
    expect(ids.filter((id) => again.find(id) !== undefined)).toEqual(ids.slice(-10));
    await Promise.all([ledger.close(), again.close()]);
  });

  it("goes on without its file, and says so", async () => {
    const errors: string[] = [];
    const log = { ...quietLog, error: (_: object, message: string) => errors.push(message) };
    const ledger = await open({ file, log });
    await ledger.close();
    await ledger.record("ID:1", reply("one"));
    expect(ledger.find("ID:1")).toBeDefined();
    expect(errors).toEqual([expect.stringMatching(/could not be written/)]);
  });

  it("opens where it may not write, and says so", async () => {
    const errors: string[] = [];
    const log = { ...quietLog, error: (_: object, message: string) => errors.push(message) };
    await writeFile(file, "");
    const ledger = await open({ file: path.join(file, "x"), log });
    await ledger.record("ID:1", reply("one"));
    expect(ledger.find("ID:1")).toBeDefined();
    expect(errors).toEqual([
      expect.stringMatching(/can't be read, it begins anew/),
      expect.stringMatching(/could not be written/),
    ]);
  });
});
