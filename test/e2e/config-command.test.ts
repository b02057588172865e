import { chmod, mkdir, readFile, readdir, stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import { runProgram, tempFolder } from "../support/product.js";

const example = new URL("../../app.config.example", import.meta.url);

const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

describe("config --create", () => {
  it("makes the app.config of the platform's tools, which the program then understands", async () => {
    await using home = await tempFolder();
    const path = join(home.path, ".resilient", "app.config");
    const ended = await runProgram(["config", "-c"], { HOME: home.path });
    expect(ended).toMatchObject({ code: 0, stderr: "", stdout: expect.stringContaining(`Made ${path}`) });
    expect(await readFile(path)).toEqual(await readFile(example));
    expect([await modeOf(path), await modeOf(join(path, ".."))]).toEqual([0o600, 0o700]);
    const lookup = await runProgram(["lookup", "x"], { HOME: home.path });
    expect(lookup).toMatchObject({ code: 2, stderr: expect.stringContaining("TRUSTAR_API_KEY isn't set") });
  });

  it.each([
    ["the file that is named", ["config", "--create", "named.config"], "named.config"],
    ["else the one of APP_CONFIG_FILE", ["config", "--create"], "of-env.config"],
  ])("makes %s", async (_what, args, expected) => {
    await using folder = await tempFolder();
    const env = { HOME: folder.path, APP_CONFIG_FILE: join(folder.path, "of-env.config") };
    const absolute = args.map((arg) => (arg.endsWith(".config") ? join(folder.path, arg) : arg));
    expect(await runProgram(absolute, env)).toMatchObject({ code: 0 });
    expect(await readdir(folder.path)).toEqual([expected]);
  });

  it("replaces nothing when nobody can be asked, be it a link that leads nowhere", async () => {
    await using folder = await tempFolder();
    const path = await folder.write("app.config", "[mine]\n");
    const dangling = join(folder.path, "link");
    await symlink(join(folder.path, "nothing"), dangling);
    for (const taken of [path, dangling]) {
      const ended = await runProgram(["config", "-c", taken], {}, "y\n");
      expect(ended).toMatchObject({
        code: 1,
        stdout: "",
        stderr: expect.stringContaining(`${taken} is there already`),
      });
    }
    expect(await readFile(path, "utf8")).toBe("[mine]\n");
    expect((await readdir(folder.path)).sort()).toEqual(["app.config", "link"]);
  });

  it("says what is wrong with a folder that isn't there, and makes none", async () => {
    await using folder = await tempFolder();
    const ended = await runProgram(["config", "-c", join(folder.path, "typo", "app.config")]);
    expect(ended).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/can't be written \(ENOENT\); there is no such folder\n$/),
    });
    expect(await readdir(folder.path)).toEqual([]);
  });
});

describe("config --update", () => {
  const old = "\uFEFF[trustar_threat_source]\r\n; mine: ü\r\nUSER_API_KEY: $K\r\nuser_api_secret=$S";

  it("adds what is missing through a link, keeps every byte and the mode, and says what it did", async () => {
    await using folder = await tempFolder();
    const path = await folder.write("real.config", old);
    await chmod(path, 0o640);
    const link = join(folder.path, "app.config");
    await symlink("real.config", link);
    const ended = await runProgram(["config", "-u", link]);
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    expect(ended.stdout).toMatch(/^ {2}\[trustar_threat_source\]: url, .*\n/m);
    expect(ended.stdout).toMatch(/^ {2}\[webserver\] \(new section\): server, /m);
    expect(ended.stdout).toMatch(/^ {2}\[trustar_account_1\] \(new section, commented out\): /m);
    const text = await readFile(path, "utf8");
    expect(text.startsWith(`${old}\r\n# `)).toBe(true);
    expect(text.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
    expect(await modeOf(path)).toBe(0o640);
    expect((await readdir(folder.path)).sort()).toEqual(["app.config", "real.config"]);
  });

  it("does nothing the second time, not even writing", async () => {
    await using folder = await tempFolder();
    const path = await folder.write("app.config", old);
    await runProgram(["config", "-u", path]);
    const before = await stat(path);
    const ended = await runProgram(["config", "--update", path]);
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringContaining("nothing changed") });
    expect(await stat(path)).toMatchObject({ ino: before.ino, mtimeMs: before.mtimeMs });
  });

  it.each([
    ["faulty lines", "[a]\nx\n", 2, "line 2"],
    ["bytes that are no UTF-8", Buffer.from("[a]\nx = \xe4\n", "latin1"), 2, "isn't UTF-8"],
  ])("leaves a file with %s as it is", async (_what, content, code, expected) => {
    await using folder = await tempFolder();
    const path = await folder.write("app.config", content);
    expect(await runProgram(["config", "-u", path])).toMatchObject({
      code,
      stderr: expect.stringContaining(expected),
    });
    expect(await readFile(path)).toEqual(Buffer.from(content));
  });

  it("needs a file", async () => {
    await using folder = await tempFolder();
    const ended = await runProgram(["config", "-u"], { HOME: folder.path });
    expect(ended).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^There is no file .*\.resilient\/app\.config; /),
    });
    await mkdir(join(folder.path, "app.config"));
    const onFolder = await runProgram(["config", "-u", join(folder.path, "app.config")]);
    expect(onFolder).toMatchObject({ code: 2, stderr: expect.stringContaining("can't be read (EISDIR)") });
  });
});

test.each([[["config"]], [["config", "-c", "-u"]], [["config", "x"]]])("%j is wrong usage", async (args) => {
  expect(await runProgram(args)).toMatchObject({ code: 2, stdout: "" });
});
