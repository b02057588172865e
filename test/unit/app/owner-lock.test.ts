import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { takeLock } from "../../../src/app/owner-lock.js";
import { createLogCapture } from "../../support/log-capture.js";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lock-"));
  path = join(folder, "memory.lock");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const take = (log = createLogCapture().log) => takeLock(path, "has the files", log);
const onLinux = process.platform === "linux" ? test : test.skip;

async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ["-e", ""]);
  await once(child, "exit");
  return child.pid ?? 0;
}

test("a second one is refused with the first one's process, until that has let go", async () => {
  const lock = await take();
  await expect(take()).rejects.toThrow(`process ${process.pid} has the files (${path})`);
  await lock.release();
  expect(await readdir(folder)).toEqual([]);
  await (await take()).release();
});

test("what a crash left behind is taken over", async () => {
  await writeFile(path, JSON.stringify({ pid: await deadPid(), started: "a boot 1" }));
  const lock = await take();
  expect(JSON.parse(await readFile(path, "utf8"))).toMatchObject({ pid: process.pid });
  await lock.release();
});

onLinux("a process that has got the number of a dead one holds nothing", async () => {
  await writeFile(path, JSON.stringify({ pid: process.ppid, started: "an earlier boot 1" }));
  await (await take()).release();
});

test("where no start is known a running process counts, and our own number does not", async () => {
  await writeFile(path, JSON.stringify({ pid: process.ppid }));
  await expect(take()).rejects.toThrow(`process ${process.ppid}`);
  await writeFile(path, JSON.stringify({ pid: process.pid }));
  await (await take()).release();
});

test.each(["", "{", "null", '{"pid":"1"}', '{"pid":-1}', "\0\0\0"])(
  "a lock of %j is nobody's",
  async (text) => {
    await writeFile(path, text);
    await (await take()).release();
  },
);

test("of many at once, after a crash, one gets it", async () => {
  await writeFile(path, JSON.stringify({ pid: await deadPid(), started: "a boot 1" }));
  const taken = await Promise.allSettled(Array.from({ length: 20 }, () => take()));
  expect(taken.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  expect(await readdir(folder)).toEqual(["memory.lock"]);
});

test("another one's lock is not released", async () => {
  const lock = await take();
  await writeFile(path, JSON.stringify({ pid: process.ppid }));
  await lock.release();
  expect(await readdir(folder)).toEqual(["memory.lock"]);
});

test("a folder is made when there is none", async () => {
  path = join(folder, "deep", "er", "memory.lock");
  await (await take()).release();
});

test("where nothing can be written there is no lock, and the log says so", async () => {
  const capture = createLogCapture();
  await mkdir(path); // root may write anywhere
  await (await take(capture.log)).release();
  await chmod(folder, 0o700);
  expect(capture.lines()).toMatchObject([{ level: 40, path, msg: expect.stringContaining("no lock") }]);
});
