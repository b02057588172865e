import { randomBytes } from "node:crypto";
import { mkdir, readFile, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { createSecretFile } from "../../services/keyring/secret-file.js";
import { createAuthority } from "../support/certificates.js";
import { runProgram, tempFolder, type TempFolder } from "../support/product.js";
import { startTrustarSimulator } from "../support/trustar-simulator/start-trustar-simulator.js";

/** No session bus, whatever the machine has. */
const noBus = { DBUS_SESSION_BUS_ADDRESS: "unix:path=/nonexistent/bus" };

const secretStore = "[secret_store]\nfile = s.secrets\nkey_file = s.key\n";
const threatSource = "[trustar_threat_source]\nuser_api_key = ^key\nuser_api_secret = ^{secret}\n";

const writeConfig = (folder: TempFolder, text: string) => folder.write("app.config", text);

async function store(config: string, value: string, secret: string, env = {}): Promise<void> {
  const ended = await runProgram(["keyring", "--config", config, "--set", value], env, secret);
  expect(ended).toMatchObject({ code: 0, stderr: "", stdout: expect.stringMatching(/Stored .*\n$/) });
  expect(ended.stdout).not.toContain(secret.trim());
}

describe("an encrypted file", () => {
  it("takes secrets from a pipe, tells that they are set, and the program works with them", async () => {
    await using folder = await tempFolder();
    await using simulator = await startTrustarSimulator();
    const config = await writeConfig(folder, `${secretStore}${threatSource}url = ${simulator.url}\n`);
    await store(config, "trustar_threat_source/user_api_key", `${simulator.credentials.key}\n`);
    const half = await runProgram(["keyring", "--status", "--config", config]);
    expect(half).toMatchObject({ code: 0, stderr: "" });
    expect(half.stdout).toBe(
      `Secrets of ${config}, kept in the encrypted file ${folder.path}/s.secrets, opened with the key in ${folder.path}/s.key:\n` +
        "  set      trustar_threat_source/user_api_key (^key)\n" +
        "  not set  trustar_threat_source/user_api_secret (^secret)\n",
    );
    await store(config, "trustar_threat_source/user_api_secret", simulator.credentials.secret);
    const lookup = await runProgram(["lookup", "203.0.113.7", "--config", config], noBus);
    expect(lookup).toMatchObject({ code: 0, stderr: "", stdout: expect.stringMatching(/^Hit 1 of/) });
    for (const name of ["s.key", "s.secrets"])
      expect((await stat(join(folder.path, name))).mode & 0o777).toBe(0o600);
    const everything = await readFile(join(folder.path, "s.secrets"), "utf8");
    expect(everything).not.toContain(simulator.credentials.secret);
  });

  it("opens with a key from the environment, or from a file that it names", async () => {
    await using folder = await tempFolder();
    const key = randomBytes(32).toString("base64");
    const config = await writeConfig(
      folder,
      `[secret_store]\nfile = s.secrets\nkey = $THE_KEY\n${threatSource}`,
    );
    await store(config, "trustar_threat_source/user_api_key", "s3cret", { THE_KEY: key });
    const THE_KEY_FILE = await folder.write("key", `${key}\n`);
    const ended = await runProgram(["keyring", "--status", "--config", config], { THE_KEY_FILE });
    expect(ended).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("  set      trustar_threat_source/user_api_key"),
    });
    expect((await readdir(folder.path)).sort()).toEqual(["app.config", "key", "s.secrets"]);
  });

  it("without its key is told, and neither it nor the key is made anew", async () => {
    await using folder = await tempFolder();
    const config = await writeConfig(folder, secretStore + threatSource);
    await folder.write("s.secrets", "{}");
    const ended = await runProgram(
      ["keyring", "--config", config, "--set", "trustar_threat_source/user_api_key"],
      {},
      "k",
    );
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining("its key file") });
    expect((await readdir(folder.path)).sort()).toEqual(["app.config", "s.secrets"]);
  });
});

test("where there is no operating system's keyring, status and storing say so, and what to do instead", async () => {
  await using folder = await tempFolder();
  const config = await writeConfig(folder, threatSource);
  for (const args of [["--status"], ["--set", "trustar_threat_source/user_api_key"]]) {
    const ended = await runProgram(["keyring", "--config", config, ...args], noBus, "hunter2");
    expect(ended).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/there is no session bus[\s\S]*\[secret_store\] file/),
    });
    expect(ended.stdout + ended.stderr).not.toContain("hunter2");
  }
});

test.each([
  [
    "without --set",
    [],
    "hunter2",
    /Standard input is no terminal[\s\S]*--set <section>\/<key>[\s\S]*trustar_threat_source\/user_api_secret\n$/,
  ],
  [
    "with --set for no such value",
    ["--set", "trustar_threat_source/url"],
    "hunter2",
    /^trustar_threat_source\/url is none of the values/,
  ],
  [
    "with --set and an empty pipe",
    ["--set", "trustar_threat_source/user_api_key"],
    "\n",
    /^Standard input was empty/,
  ],
  [
    "with --set and an empty first line",
    ["--set", "trustar_threat_source/user_api_key"],
    " \r\nhunter2\n",
    /^The first line of standard input is empty/,
  ],
])("a pipe %s changes nothing", async (_what, args, input, expected) => {
  await using folder = await tempFolder();
  const config = await writeConfig(folder, secretStore + threatSource);
  const ended = await runProgram(["keyring", "--config", config, ...args], {}, input);
  expect(ended).toMatchObject({ code: 1, stderr: expect.stringMatching(expected) });
  expect(ended.stdout + ended.stderr).not.toContain("hunter2");
  expect(await readdir(folder.path)).toEqual(["app.config"]);
});

test("secrets that Python's keyring has in a file are told by --status, a start and selftest, with the commands", async () => {
  await using folder = await tempFolder();
  const config = await writeConfig(folder, secretStore + threatSource);
  await mkdir(join(folder.path, "python_keyring"));
  const path = await folder.write("python_keyring/cryptfile_pass.cfg", "");
  const env = { XDG_DATA_HOME: folder.path };
  const command =
    "keyring get trustar_threat_source key | trustar-resilient keyring --set trustar_threat_source/user_api_key";
  const status = await runProgram(["keyring", "--status", "--config", config], env);
  const start = await runProgram(["run", "--config", config], env);
  const selftest = await runProgram(["selftest", "--config", config], env);
  expect([status.code, start.code, selftest.code]).toEqual([0, 2, 2]);
  for (const told of [status.stderr, start.stderr, selftest.stdout]) {
    expect(told).toContain(path);
    expect(told).toContain(command);
  }
  for (const value of ["user_api_key", "user_api_secret"])
    await store(config, `trustar_threat_source/${value}`, "s3cret");
  const after = await runProgram(["keyring", "--status", "--config", config], env);
  expect(after.stderr).toBe("");
});

describe("of a pipe the first line is the secret", () => {
  const pipe = async (input: string) => {
    await using folder = await tempFolder();
    const config = await writeConfig(folder, secretStore + threatSource);
    const value = "trustar_threat_source/user_api_key";
    const ended = await runProgram(["keyring", "--config", config, "--set", value], {}, input);
    expect(ended.code).toBe(0);
    const key = { file: join(folder.path, "s.key") };
    const store = createSecretFile({ path: join(folder.path, "s.secrets"), key });
    return { stored: store.read("trustar_threat_source", "key"), said: ended.stderr };
  };

  it.each([
    ["hunter2", "hunter2", ""],
    ["hunter2\n", "hunter2", ""],
    ["hunter2\r\n", "hunter2", ""],
    ["hunter2\r", "hunter2", ""],
    ["\uFEFFhunter2\r\n", "hunter2", ""],
    ["hunter2\n\n \n", "hunter2", ""],
    ["hunter2\nurl: x\n", "hunter2", "Only the first line is stored; 1 more line is left out.\n"],
    [
      "hunter2\r\nurl: x\r\n\r\nlogin: y\r\n",
      "hunter2",
      "Only the first line is stored; 2 more lines are left out.\n",
    ],
    ["hunter 2 \n", "hunter 2 ", "The secret begins or ends with a blank, which is stored, too.\n"],
  ])("%j", async (input, expected, said) => {
    expect(await pipe(input)).toEqual({ stored: expected, said });
  });

  it("PEM text is taken whole", async () => {
    const { key } = await createAuthority();
    expect(await pipe(`${key.trim()}\n`)).toEqual({ stored: key.trim(), said: "" });
  });
});

test("a file without ^ values needs no keyring", async () => {
  await using folder = await tempFolder();
  const config = await writeConfig(folder, "[trustar_threat_source]\nuser_api_key = $K\n");
  const ended = await runProgram(["keyring", "--config", config], noBus);
  expect(ended).toMatchObject({
    code: 0,
    stderr: "",
    stdout: expect.stringContaining("no value starts with ^"),
  });
});

test("a faulty [secret_store] is told with section and key, an unfinished rest of the file is not", async () => {
  await using folder = await tempFolder();
  const config = await writeConfig(
    folder,
    `[secret_store]\nfile = s\n[webserver]\nport = x\n${threatSource}`,
  );
  const ended = await runProgram(["keyring", "--status", "--config", config]);
  expect(ended).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("[secret_store] key_file is missing"),
  });
  expect(ended.stderr).not.toContain("[webserver]");
});
