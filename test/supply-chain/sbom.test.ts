import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { z } from "zod";

const cwd = fileURLToPath(new URL("../../", import.meta.url));
const options = { cwd, maxBuffer: 64 * 1024 * 1024 };

const bill = z.object({
  bomFormat: z.literal("CycloneDX"),
  components: z.array(z.object({ name: z.string(), version: z.string(), purl: z.string() })),
  dependencies: z.array(z.object({ ref: z.string(), dependsOn: z.array(z.string()) })),
});

/** As npm's other half sees it: what would be there after `npm ci --omit=dev`. */
async function installedWithoutTools(): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)(
    "npm",
    ["ls", "--omit=dev", "--all", "--parseable", "--long"],
    options,
  );
  const [, ...lines] = stdout.trim().split("\n");
  return [...new Set(lines.map((line) => /:((?:@[^/:]+\/)?[^@:]+@[^:]+)/.exec(line)?.[1] ?? line))];
}

test("npm run sbom lists exactly what is installed with the program, and how it hangs together", async () => {
  const { stdout } = await promisify(execFile)("npm", ["run", "--silent", "sbom"], options);
  const { components, dependencies } = bill.parse(JSON.parse(stdout));
  const listed = components.map(({ name, version }) => `${name}@${version}`);
  expect(listed.sort()).toEqual([...(await installedWithoutTools())].sort());
  const known = new Set(dependencies.map(({ ref }) => ref));
  expect(dependencies.flatMap(({ dependsOn }) => dependsOn).filter((ref) => !known.has(ref))).toEqual([]);
});

test("whoever reads only its beginning ends it, without a word", async () => {
  // What npm itself thinks of its user's configuration is no word of ours.
  const env = { ...process.env, npm_config_loglevel: "error" };
  const run = spawn(process.execPath, ["--import", "tsx", "test/supply-chain/sbom.ts"], { cwd, env });
  run.stdout.destroy();
  const [said, [code]] = await Promise.all([text(run.stderr), once(run, "close")]);
  expect([said, code]).toEqual(["", 128 + 13]);
});
