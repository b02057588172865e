import {
  appendFile,
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jest } from "@jest/globals";
import type { LookupId } from "../../../src/core/lookup.js";
import type { Candidate } from "../../../services/core/candidate.js";
import { StateFile } from "../../../services/lookup/state-file.js";
import type { StateRecord } from "../../../services/lookup/state-record.js";
import { endLine, headerLine, StateReader } from "../../../services/lookup/state-text.js";
import { createLogCapture } from "../../support/log-capture.js";
import { until } from "../../support/lookup-fixtures.js";

const of = (value: string): readonly Candidate[] => [{ kind: "IP", value }];
const idRecord = (id: string, value: string): StateRecord => ({
  is: "id",
  id: id as LookupId,
  of: of(value),
});
const asked = (value: string): StateRecord => ({ is: "asked", of: of(value), atMs: 1, polls: 2 });
const dropped = (value: string): StateRecord => ({ is: "dropped", of: of(value) });
const done = (value: string): StateRecord => ({
  is: "done",
  of: of(value),
  atMs: 5,
  hits: [
    {
      props: [
        { type: "string", name: "Tags", value: "b\u00f6se \u{1F600}\n" },
        { type: "number", name: "Sightings", value: 3 },
        { type: "lat_lng", name: "Place", value: { lat: 1.5, lng: -2 } },
        { type: "uri", name: "Link", value: "https://station.example/x" },
      ],
    },
  ],
});
/** Told when what was written is not all there. */
const gap: StateRecord = { is: "gap", atMs: 7 };
const everySort = [idRecord("1", "a"), asked("a"), done("b"), dropped("c")];

let folder: string;
let path: string;
const files: StateFile[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "state-file-"));
  path = join(folder, "look-ups.state");
});
afterEach(async () => {
  jest.useRealTimers();
  await Promise.all(files.splice(0).map((file) => file.close()));
  await rm(folder, { recursive: true, force: true });
});

/** A state file and the state that its snapshot is taken of. */
function build(
  options: {
    path?: string;
    fingerprint?: string;
    policy?: string;
    state?: StateRecord[];
    /** Told of every time that the file is to be written whole; may throw as a disk would. */
    onRewrite?: () => void;
    unrecorded?: () => readonly StateRecord[];
  } = {},
) {
  const state = options.state ?? [];
  const capture = createLogCapture();
  const file = new StateFile({
    path: options.path ?? path,
    fingerprint: options.fingerprint ?? "f1",
    policy: options.policy ?? "p1",
    log: capture.log,
    clock: { now: () => 7 },
    snapshot: () => {
      options.onRewrite?.();
      return [...state];
    },
    unrecorded: options.unrecorded,
  });
  files.push(file);
  const append = (...records: readonly StateRecord[]): void => {
    for (const record of records) {
      state.push(record);
      file.append(record);
    }
  };
  return { file, state, append, capture };
}

async function loaded(file: StateFile): Promise<readonly StateRecord[]> {
  const records: StateRecord[] = [];
  for await (const some of file.load()) records.push(...some);
  return records;
}

async function loadAgain(fingerprint = "f1"): Promise<readonly StateRecord[]> {
  return loaded(build({ fingerprint }).file);
}

/** What a program leaves that stops in order. */
async function writtenFile(...records: readonly StateRecord[]): Promise<void> {
  const { file, append } = build();
  await loaded(file);
  append(...records);
  await file.close();
}

const lines = async (): Promise<number> => (await readFile(path, "utf8")).split("\n").length - 2;

it("brings back what was written, byte for byte", async () => {
  await writtenFile(...everySort);
  expect(await loadAgain()).toEqual(everySort);
});

it("keeps an id that came with its question", async () => {
  const both: StateRecord = { is: "asked", of: of("a"), atMs: 1, polls: 2, id: "1" as LookupId };
  await writtenFile(both);
  expect(await loadAgain()).toEqual([both]);
  await writtenFile(both);
  expect(await loaded(build({ policy: "p2" }).file)).toEqual([{ is: "id", id: "1", of: [] }]);
});

it("appends what comes later without writing the file anew", async () => {
  const { file, append } = build();
  await loaded(file);
  await file.flush();
  const before = (await stat(path)).ino;
  append(asked("a"));
  await file.flush();
  append(dropped("a"));
  await file.flush();
  expect((await stat(path)).ino).toBe(before);
  expect(await loadAgain()).toEqual([asked("a"), dropped("a"), gap]);
});

it("writes the file anew when it holds twice what it needs and twenty thousand lines more, and not before", async () => {
  const { file, append, state } = build();
  await loaded(file);
  await file.flush();
  const files: number[] = [];
  for (let round = 0; round < 18; round += 1) {
    append(...Array.from({ length: 4_000 }, (_, at) => asked(`${round} ${at}`)));
    await file.flush();
    const { ino } = await stat(path);
    if (files.at(-1) !== ino) files.push(ino);
  }
  expect(state).toHaveLength(72_000);
  // First, then with 24,000 lines, then with 72,000.
  expect(files).toHaveLength(3);
});

it("writes a change well within a second, unasked", async () => {
  const { file, append } = build();
  await loaded(file);
  await file.flush();
  jest.useFakeTimers({ doNotFake: ["nextTick", "setImmediate", "queueMicrotask", "performance"] });
  append(asked("a"));
  jest.advanceTimersByTime(999);
  expect(jest.getTimerCount()).toBe(0);
  await file.flush();
  expect(await loadAgain()).toEqual([asked("a"), gap]);
});

it("begins with nothing when there is no file, and makes the folder", async () => {
  const deep = join(folder, "a", "b", "look-ups.state");
  const { file, append } = build({ path: deep });
  expect(await loaded(file)).toEqual([]);
  append(asked("a"));
  await file.flush();
  expect((await stat(deep)).mode & 0o777).toBe(0o600);
});

it("is readable for its owner only, also when it was not before", async () => {
  await writtenFile(asked("a"));
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  await chmod(path, 0o644);
  const { file } = build({ state: [asked("a")] });
  await loaded(file);
  await file.flush();
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

it("skips a last line that a crash has torn, and keeps the rest", async () => {
  await writtenFile(idRecord("1", "a"), asked("a"));
  await appendFile(path, JSON.stringify(done("a")).slice(0, -20));
  expect(await loadAgain()).toEqual([idRecord("1", "a"), asked("a"), gap]);
});

it("misses what followed a last line that was cut off just at its end", async () => {
  await writtenFile(idRecord("1", "a"));
  await appendFile(path, JSON.stringify(asked("a")));
  expect(await loadAgain()).toEqual([idRecord("1", "a"), asked("a"), gap]);
});

it.each([0, 1, 2])(
  "misses what followed when it was cut at the end of a line (%i lines left)",
  async (left) => {
    await writtenFile(idRecord("1", "a"), asked("a"));
    const written = (await readFile(path, "utf8")).split("\n");
    await writeFile(path, written.slice(0, 1 + left).join("\n") + "\n");
    expect(await loadAgain()).toEqual([...[idRecord("1", "a"), asked("a")].slice(0, left), gap]);
  },
);

it("misses what a run could not write that never got the disk to itself", async () => {
  await writtenFile(idRecord("1", "\u00e9"));
  const { file } = build();
  expect(await loaded(file)).toEqual([idRecord("1", "\u00e9")]);
  expect(await loadAgain()).toEqual([idRecord("1", "\u00e9"), gap]);
});

it("keeps the gap of an earlier start, also under other rules", async () => {
  await writtenFile(idRecord("1", "a"), gap);
  expect(await loadAgain("f2")).toEqual([idRecord("1", "a"), gap]);
  await writtenFile(idRecord("1", "a"), gap);
  expect(await loaded(build({ policy: "p2" }).file)).toEqual([{ is: "id", id: "1", of: [] }, gap]);
});

it("says when a crash can't lose a change any more; a disk that refuses keeps nobody waiting", async () => {
  const { file, append } = build();
  await loaded(file);
  append(asked("a"));
  await file.kept();
  expect(await loadAgain()).toEqual([asked("a"), gap]);
  await rm(path);
  await mkdir(path);
  append(asked("b"));
  await file.kept();
  await rm(path, { recursive: true });
  append(asked("c"));
  await file.kept();
  await expect(stat(path)).rejects.toMatchObject({ code: "ENOENT" });
  await file.close();
  expect(await loadAgain()).toEqual([asked("a"), asked("b"), asked("c")]);
});

it("skips garbage in the middle, says how much, and quotes none of it", async () => {
  await writtenFile(asked("a"));
  await appendFile(
    path,
    '\u0000\u0000\n{"is":"done"}\n42\nnull\n{"is":"asked","of":[],"atMs":1,"polls":0}\n[secret value\n',
  );
  await appendFile(path, `${JSON.stringify(asked("b"))}\n`);
  const { file, capture } = build();
  expect(await loaded(file)).toEqual([asked("a"), asked("b"), gap]);
  expect(capture.lines()).toEqual([expect.objectContaining({ lines: 6 })]);
  expect(capture.text()).not.toContain("secret value");
});

it.each([
  "",
  "\n",
  "not ours",
  '{"format":"something else"}\n',
  '{"format":"trustar-resilient look-ups","version":2,"source":"f1"}\n',
])("puts a file aside that is not one of ours (%j), and goes on", async (content) => {
  await writeFile(path, content);
  const { file, append } = build();
  expect(await loaded(file)).toEqual([gap]);
  append(asked("a"));
  await file.flush();
  expect(await readFile(`${path}.unreadable`, "utf8")).toBe(content);
  expect(await loadAgain()).toEqual([asked("a"), gap]);
});

it("drops the verdicts of another configuration but keeps ids and what was under way", async () => {
  await writtenFile(done("b"), idRecord("1", "a"), asked("a"));
  expect(await loadAgain("f2")).toEqual([dropped("b"), idRecord("1", "a"), asked("a")]);
});

it("does not reopen, under another configuration, what had ended", async () => {
  await writtenFile(asked("a"), done("a"), asked("b"), dropped("b"));
  const open = new Set<string>();
  for (const record of await loadAgain("f2")) {
    const key = JSON.stringify("of" in record ? record.of : "");
    if (record.is === "asked") open.add(key);
    else if (record.is !== "id") open.delete(key);
  }
  expect([...open]).toEqual([]);
});

it("writes the file anew, with what still counts, when it has grown far beyond that", async () => {
  const { file, state } = build();
  await loaded(file);
  await file.flush();
  state.push(done("b"));
  for (let at = 0; at < 21_000; at += 1) file.append(asked("a"));
  await file.flush();
  expect(await lines()).toBe(1);
  for (let at = 0; at < 100; at += 1) file.append(asked("a"));
  await file.flush();
  expect(await lines()).toBe(101);
});

it("writes itself whole again when somebody has taken it away", async () => {
  const { file, append } = build();
  await loaded(file);
  append(asked("a"), idRecord("1", "a"));
  await file.flush();
  await rm(path);
  append(done("b"));
  await file.flush();
  await file.flush();
  expect(await loadAgain()).toEqual([asked("a"), idRecord("1", "a"), done("b"), gap]);
});

it("a disk that can't be written costs nothing but the memory, is reported once, and is tried again by itself", async () => {
  const { file, append, capture } = build();
  await loaded(file);
  await rename(folder, `${folder}.away`);
  await writeFile(folder, "a file where the folder was");
  jest.useFakeTimers({ doNotFake: ["nextTick", "setImmediate", "queueMicrotask", "performance"] });
  append(asked("a"));
  await file.flush();
  append(asked("b"));
  await file.flush();
  expect(capture.lines().filter(({ level }) => level >= 50)).toHaveLength(1);
  await rm(folder);
  await rename(`${folder}.away`, folder);
  jest.advanceTimersByTime(10_000);
  await until(() => capture.text().includes("written again"));
  expect(await loadAgain()).toEqual([asked("a"), asked("b"), gap]);
  await file.close();
  expect(jest.getTimerCount()).toBe(0);
});

it("recovers also when its whole folder was removed", async () => {
  const { file, append } = build();
  await loaded(file);
  append(asked("a"));
  await file.flush();
  await rm(folder, { recursive: true });
  append(asked("b"));
  for (let attempt = 0; attempt < 3; attempt += 1) await file.flush();
  await file.close();
  expect(await loadAgain()).toEqual([asked("a"), asked("b")]);
});

describe("a path that can't be used from the start", () => {
  it.each(["a folder that is a file", "a folder in the file's place"])(
    "%s does not keep the service from starting",
    async (what) => {
      const bad = what === "a folder that is a file" ? join(path, "look-ups.state") : path;
      if (what === "a folder that is a file") await writeFile(path, "in the way");
      else await mkdir(path);
      const { file, capture, append } = build({ path: bad });
      expect(await loaded(file)).toEqual([gap]);
      append(asked("a"));
      await file.flush();
      expect(capture.lines().some(({ level }) => level >= 40)).toBe(true);
      await file.close();
    },
  );
});

it("a foreign file that can't be put aside does not keep the service from starting", async () => {
  await writeFile(path, "not ours");
  await mkdir(join(`${path}.unreadable`, "in the way"), { recursive: true });
  const { file } = build();
  expect(await loaded(file)).toEqual([gap]);
  await file.close();
});

it("closing writes everything, leaves no timer, and later changes are not its business", async () => {
  const { file, append } = build();
  await loaded(file);
  append(...everySort);
  jest.useFakeTimers({ doNotFake: ["nextTick", "setImmediate", "queueMicrotask", "performance"] });
  await file.close();
  file.append(asked("late"));
  expect(jest.getTimerCount()).toBe(0);
  expect(await loadAgain()).toEqual(everySort);
  expect(await readdir(folder)).toEqual(["look-ups.state"]);
});

/** A large file that is being written anew, and a change that came meanwhile. */
async function changedWhileRewriting(onRewrite?: () => void) {
  const state = Array.from({ length: 5_000 }, (_, at) => idRecord(String(at), `v${at}`));
  const { file, append } = build({ state, ...(onRewrite === undefined ? {} : { onRewrite }) });
  await loaded(file);
  const writing = file.flush();
  await new Promise((resolve) => setImmediate(resolve));
  append(asked("meanwhile"));
  return { file, writing };
}

it("changes that come while a large file is being written anew are not lost", async () => {
  const { file, writing } = await changedWhileRewriting();
  await writing;
  await file.flush();
  expect((await loadAgain()).slice(-2)).toEqual([asked("meanwhile"), gap]);
});

it("a file that is closed while it is being written anew is closed in order", async () => {
  const { file, writing } = await changedWhileRewriting();
  await file.close();
  await writing;
  expect((await loadAgain()).slice(-2)).toEqual([idRecord("4999", "v4999"), asked("meanwhile")]);
});

it("closing adds what was not recorded and does not write the file anew, however much it has grown", async () => {
  let times = 0;
  const { file } = build({ onRewrite: () => (times += 1), unrecorded: () => [asked("late")] });
  await loaded(file);
  await file.flush();
  for (let at = 0; at < 21_000; at += 1) file.append(asked("a"));
  await file.close();
  expect(times).toBe(1);
  const again = await loadAgain();
  expect(again).toHaveLength(21_001);
  expect(again.at(-1)).toEqual(asked("late"));
});

it("a file that can neither be added to nor written anew when it is closed does not look closed in order", async () => {
  let times = 0;
  const { file, writing } = await changedWhileRewriting(() => {
    times += 1;
    if (times > 1) throw new Error("the disk is full");
  });
  await writing;
  await file.flush();
  await copyFile(path, `${path}.copy`);
  await rename(`${path}.copy`, path);
  await file.close();
  expect(times).toBe(2);
  expect((await loadAgain()).slice(-2)).toEqual([asked("meanwhile"), gap]);
});

it("under other rules of what may leave, takes nothing up again but keeps the ids", async () => {
  await writtenFile(done("b"), idRecord("1", "a"), asked("a"), idRecord("2", "b"));
  const { file } = build({ policy: "p2" });
  expect(await loaded(file)).toEqual([
    { is: "id", id: "1", of: [] },
    { is: "id", id: "2", of: [] },
  ]);
});

it("reads a file that is larger than the pieces it comes in, and a line that is longer than they are", async () => {
  const long = "x".repeat(300_000);
  const records = [
    idRecord("1", "a"),
    asked(long),
    ...Array.from({ length: 5_000 }, (_, at) => done(`v${at}`)),
  ];
  await writtenFile(...records);
  const { file } = build();
  const pieces: (readonly StateRecord[])[] = [];
  for await (const some of file.load()) pieces.push(some);
  expect(pieces.flat()).toEqual(records);
  // Between two pieces other work gets its turn.
  expect(Math.max(...pieces.map((some) => some.length))).toBeLessThan(500);
});

it("a line that is too long for any of ours counts as lost, and what follows it is read", () => {
  const reader = new StateReader({ fingerprint: "f1", policy: "p1" }, 1_000);
  const header = headerLine({ fingerprint: "f1", policy: "p1" });
  const line = (record: StateRecord) => `${JSON.stringify(record)}\n`;
  const text = header + line(asked("a")) + line(asked("x".repeat(2_000))) + line(asked("b")) + endLine;
  const records: StateRecord[] = [];
  for (const byte of Buffer.from(text)) records.push(...reader.take(Buffer.from([byte])));
  records.push(...reader.end());
  expect(records).toEqual([asked("a"), asked("b")]);
  expect([reader.lost, reader.isWhole]).toEqual([1, true]);
});

it("of a disk that is too slow for what comes, no more waits in memory than the whole state takes", async () => {
  let times = 0;
  const { file, state } = build({ onRewrite: () => (times += 1) });
  await loaded(file);
  await file.flush();
  state.push(done("b"));
  const long = asked("x".repeat(1_000_000));
  for (let at = 0; at < 40; at += 1) file.append(long);
  await file.flush();
  expect(times).toBe(2);
  expect(await loadAgain()).toEqual([done("b"), gap]);
});

it("a file with twice the bytes that it needs and more is written anew, however few its lines are", async () => {
  let times = 0;
  const { file } = build({ state: [done("b")], onRewrite: () => (times += 1) });
  await loaded(file);
  await file.flush();
  const long = asked("x".repeat(4_000_000));
  for (let at = 0; at < 12; at += 1) {
    file.append(long);
    await file.flush();
  }
  expect(times).toBe(2);
  expect((await stat(path)).size).toBeLessThan(40_000_000);
});
