import {
  appendFile,
  chmod,
  mkdir,
  mkdtemp,
  open as openFile,
  readFile,
  rm,
  stat,
  truncate,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fc } from "../../support/fast-check.js";
import { z } from "zod";
import { AppendFile, type OpenToAppend } from "../../../services/actions/append-file.js";
import { createFakeClock } from "../../support/fake-clock.js";
import { createLogCapture } from "../../support/log-capture.js";

const entry = z.object({ n: z.number(), text: z.string().optional() });
type Entry = z.infer<typeof entry>;

let folder: string;
let path: string;
const logs = createLogCapture();
const clock = createFakeClock();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "append-"));
  path = join(folder, "memory");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A memory that keeps everything, or the newest `keeps`. */
async function open({
  keeps = Infinity,
  maxLines = 1_000,
  maxBytes = 100_000,
  openToAppend = undefined as OpenToAppend | undefined,
} = {}) {
  const memory: Entry[] = [];
  const all = () => (keeps === Infinity ? memory : memory.slice(-keeps));
  const file = new AppendFile({
    path,
    name: "memory",
    entry,
    maxLines,
    maxBytes,
    all,
    log: logs.log,
    clock,
    openToAppend,
  });
  memory.push(...(await file.load()));
  await file.compact();
  return {
    memory,
    close: () => file.close(),
    add: (...entries: Entry[]) => {
      memory.push(...entries);
      return file.append(entries);
    },
  };
}

const numbers = (entries: readonly Entry[]): number[] => entries.map(({ n }) => n);
const said = (): string[] => logs.lines().map(({ msg = "" }) => msg);

it("holds after a crash what was added, wherever its end is cut", async () => {
  const first = await open();
  for (let n = 0; n < 5; n += 1) await first.add({ n, text: "ü".repeat(n) });
  await first.close();
  const whole = await readFile(path);
  for (let size = whole.length; size >= 0; size -= 1) {
    await writeFile(path, whole);
    await truncate(path, size);
    const again = await open();
    const lines = whole.subarray(0, size).toString().split("\n");
    const complete = lines.filter((line) => /^\{.*\}$/.test(line)).length;
    expect(numbers(again.memory)).toEqual([0, 1, 2, 3, 4].slice(0, complete));
    await again.add({ n: 9 });
    await again.close();
    const later = await open();
    expect(numbers(later.memory).at(-1)).toBe(9);
    await later.close();
  }
});

it("goes on behind whatever stands in the file", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (garbage) => {
      await writeFile(path, garbage);
      await appendFile(path, '\n{"n":1}\n{"n":"no"}\nnull\n[]\n');
      const file = await open();
      expect(numbers(file.memory).at(-1)).toBe(1);
      await file.add({ n: 2 });
      await file.close();
      const again = await open();
      expect(numbers(again.memory).slice(-2)).toEqual([1, 2]);
      await again.close();
    }),
    { numRuns: 50 },
  );
});

it("has a bounded size, in lines and in bytes, and reads no more than that of a larger one", async () => {
  const file = await open({ keeps: 3, maxLines: 10, maxBytes: 10_000 });
  for (let n = 0; n < 100; n += 1) await file.add({ n });
  expect((await readFile(path, "utf8")).split("\n").filter((line) => line !== "").length).toBeLessThanOrEqual(
    10,
  );
  for (let n = 0; n < 100; n += 1) {
    await file.add({ n, text: "x".repeat(2_000) });
    expect((await stat(path)).size).toBeLessThanOrEqual(10_000);
  }
  await file.close();
  await writeFile(path, `{"n":1}\n${"x".repeat(1_000_000)}\n{"n":2}\n`);
  const again = await open({ maxBytes: 10_000 });
  expect(numbers(again.memory)).toEqual([2]);
  await again.close();
});

it("is for its owner only", async () => {
  await writeFile(path, '{"n":1}\n');
  await chmod(path, 0o644);
  const file = await open();
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  await file.close();
});

const failed = "memory: its file could not be written; a restart would forget";
const works = "memory: its file can be written again";

it("costs only the memory while it can't be written, says so once, and is whole again afterwards", async () => {
  const blocked = join(folder, "blocked");
  await writeFile(blocked, "");
  path = join(blocked, "memory");
  const before = said().length;
  const file = await open();
  await file.add({ n: 1 });
  await file.add({ n: 2 });
  expect(said().slice(before)).toEqual([expect.stringMatching(/can't be read, it begins anew/), failed]);
  await rm(blocked);
  await file.add({ n: 3 });
  expect(said().slice(before + 2)).toEqual([]);
  clock.advance(5_000);
  await file.add({ n: 4 });
  expect(said().slice(before + 2)).toEqual([works]);
  await file.close();
  const again = await open();
  expect(numbers(again.memory)).toEqual([1, 2, 3, 4]);
  await again.close();
});

it("survives a disk that is full in the middle of a line", async () => {
  let free = 60;
  const openToAppend: OpenToAppend = async (at) => {
    const handle = await openFile(at, "a");
    return {
      appendFile: async (text) => {
        const fits = text.slice(0, free);
        free -= fits.length;
        await handle.appendFile(fits);
        if (fits.length < text.length) throw Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
      },
      close: () => handle.close(),
    };
  };
  const before = said().length;
  const file = await open({ openToAppend });
  for (let n = 0; n < 8; n += 1) await file.add({ n });
  expect(said().slice(before)).toEqual([failed]);
  const crashed = await open();
  expect(numbers(crashed.memory)).toEqual([0, 1, 2, 3, 4, 5]);
  await crashed.close();
  free = 1_000;
  clock.advance(5_000);
  await file.add({ n: 8 });
  await file.add({ n: 9 });
  expect(said().slice(before)).toEqual([failed, works]);
  await file.close();
  const again = await open();
  expect(numbers(again.memory)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  await again.close();
});

it("begins anew where it can't be read", async () => {
  await mkdir(path);
  const before = said().length;
  const file = await open();
  expect(file.memory).toEqual([]);
  await file.add({ n: 1 });
  expect(said().slice(before)).toEqual([
    "memory: its file can't be read, it begins anew",
    "memory: its file could not be written; a restart would forget",
  ]);
  await file.close();
});
