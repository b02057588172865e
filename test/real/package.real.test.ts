/**
 * The package as a user installs it: packed, then installed globally from the tarball, with the versions of the lock, into
 * a prefix that holds nothing else. Not part of `npm test`, because it asks the registry.
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { tempFolder, type TempFolder } from "../support/product.js";
import { startTrustarSimulator } from "../support/trustar-simulator/start-trustar-simulator.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
let folder: TempFolder;
let program: string;
let installed: string;

beforeAll(async () => {
  folder = await tempFolder();
  const npm = (...args: readonly string[]): string =>
    execFileSync("npm", [...args], { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  const tarball = npm("pack", "--silent", "--pack-destination", folder.path).trim().split("\n").at(-1) ?? "";
  const prefix = join(folder.path, "prefix");
  npm("install", "--global", "--no-audit", "--no-fund", "--prefix", prefix, join(folder.path, tarball));
  program = join(prefix, "bin", "trustar-resilient");
  installed = realpathSync(join(prefix, "lib", "node_modules", "trustar-resilient"));
}, 300_000);

afterAll(() => folder[Symbol.asyncDispose]());

async function run(
  ...args: readonly string[]
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const { PATH = "" } = process.env;
  const child = spawn(program, args, { env: { PATH, HOME: folder.path }, cwd: folder.path });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, stdout, stderr };
}

test("leaves nothing of the packing behind", () => {
  expect(existsSync(`${root}npm-shrinkwrap.json`)).toBe(false);
});

test("says its version", async () => {
  const { version } = JSON.parse(readFileSync(`${root}package.json`, "utf8")) as { version: string };
  expect(await run("--version")).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
});

test("makes an app.config and looks a value up", async () => {
  await using simulator = await startTrustarSimulator();
  const created = await run("config", "--create", join(folder.path, "created.config"));
  expect(created).toMatchObject({ code: 0 });
  const { key, secret } = simulator.credentials;
  const config = await folder.write(
    "app.config",
    `[trustar_threat_source]\nurl = ${simulator.url}\nuser_api_key = ${key}\nuser_api_secret = ${secret}\n`,
  );
  const looked = await run("lookup", "203.0.113.7", "--config", config);
  expect(looked).toMatchObject({ code: 0, stderr: "", stdout: expect.stringContaining("HIGH") as string });
});

/** `name@version` of every package below a folder, however deep npm has put it. */
function packagesIn(folder: string): readonly string[] {
  const path = join(folder, "node_modules");
  if (!existsSync(path)) return [];
  const names = readdirSync(path).filter((name) => !name.startsWith("."));
  const scoped = (name: string): readonly string[] =>
    name.startsWith("@") ? readdirSync(join(path, name)).map((inner) => `${name}/${inner}`) : [name];
  return names.flatMap(scoped).flatMap((name) => {
    const manifest = readFileSync(join(path, name, "package.json"), "utf8");
    const { version } = JSON.parse(manifest) as { version: string };
    return [`${name}@${version}`, ...packagesIn(join(path, name))];
  });
}

test("has the versions of the lock, and none of the developers' packages", () => {
  const lock = JSON.parse(readFileSync(`${root}package-lock.json`, "utf8")) as {
    readonly packages: Readonly<Record<string, { readonly version?: string; readonly dev?: boolean }>>;
  };
  const locked = Object.entries(lock.packages)
    .filter(([path, { dev }]) => path !== "" && dev !== true)
    .map(([path, { version }]) => `${path.replace(/^.*node_modules\//, "")}@${version}`);
  const found = packagesIn(installed);
  expect(found.length).toBeGreaterThan(20);
  expect(found.filter((one) => !locked.includes(one))).toEqual([]);
});
