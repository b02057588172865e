import { execFile } from "node:child_process";
import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { replaceFile, replaceFileSync } from "../../../src/core/replace-file.js";

const ways: readonly [string, (...args: Parameters<typeof replaceFileSync>) => Promise<void>][] = [
  ["replaceFile", replaceFile],
  [
    "replaceFileSync",
    (...args) => {
      replaceFileSync(...args);
      return Promise.resolve();
    },
  ],
];

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "replace-file-"));
  path = join(folder, "file");
});
afterEach(() => rm(folder, { recursive: true }));

const modeOf = async (of: string): Promise<number> => (await stat(of)).mode & 0o777;

it("removes what killed programs have left of the same file, and nothing that is being written or somebody's", async () => {
  const left = join(folder, "file.0123456789ab.next");
  const others = ["file.ba9876543210.next", "file.202611280130", "other.0123456789ab.next"];
  await Promise.all([left, ...others.map((name) => join(folder, name))].map((name) => writeFile(name, "x")));
  const hourAgo = new Date(Date.now() - 3_600_000);
  for (const name of [left, ...others.slice(1).map((other) => join(folder, other))])
    await utimes(name, hourAgo, hourAgo);
  await replaceFile(path, "new");
  expect((await readdir(folder)).sort()).toEqual(["file", ...others].sort());
});

describe.each(ways)("%s", (name, replace) => {
  it("makes a file for its owner only, and keeps the mode of one that was there", async () => {
    await replace(path, "new");
    expect([await readFile(path, "utf8"), await modeOf(path)]).toEqual(["new", 0o600]);
    await chmod(path, 0o640);
    await replace(path, "newer");
    expect([await readFile(path, "utf8"), await modeOf(path)]).toEqual(["newer", 0o640]);
    await replace(path, "newest", { mode: 0o600 });
    expect([await readFile(path, "utf8"), await modeOf(path)]).toEqual(["newest", 0o600]);
    expect(await readdir(folder)).toEqual(["file"]);
  });

  it("follows a link", async () => {
    await writeFile(path, "old");
    await symlink(path, join(folder, "link"));
    await replace(join(folder, "link"), "new");
    expect(await readFile(path, "utf8")).toBe("new");
    expect((await readdir(folder)).sort()).toEqual(["file", "link"]);
  });

  it("leaves all as it was when it fails", async () => {
    await writeFile(path, "old");
    const onCreated = (): never => {
      throw new Error("no");
    };
    await expect((async () => replace(path, "new", { onCreated }))()).rejects.toThrow("no");
    expect([await readFile(path, "utf8"), await readdir(folder)]).toEqual(["old", ["file"]]);
  });

  it("puts no half of a text in its place when there is no room for the whole", async () => {
    await writeFile(path, "old");
    const module = new URL("../../../src/core/replace-file.ts", import.meta.url).href;
    const script = `import { ${name} } from ${JSON.stringify(module)};
      try { await ${name}(${JSON.stringify(path)}, "x".repeat(60_000)); console.log("written"); }
      catch (error) { console.log(error.code); }`;
    // A limit on the size of a file does what a full disk does: what fits is written, without an error.
    const command = 'ulimit -f 8; exec "$0" --import tsx --input-type=module --eval "$1"';
    const { stdout } = await promisify(execFile)("/bin/sh", ["-c", command, process.execPath, script], {
      env: { ...process.env, TSX_DISABLE_CACHE: "1" },
    });
    expect(stdout).toBe("EFBIG\n");
    expect([await readFile(path, "utf8"), await readdir(folder)]).toEqual(["old", ["file"]]);
  });
});
