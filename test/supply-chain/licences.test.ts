import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Licences that ask for no more than to be named (SPDX). Another one is a decision for a person. */
const allowed = new Set([
  "MIT",
  "ISC",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "0BSD",
]);

const lock = z.object({
  packages: z.record(
    z.string(),
    z.object({
      dev: z.boolean().optional(),
      license: z.string().optional(),
      resolved: z.string().optional(),
    }),
  ),
});
const manifest = z.object({
  license: z.string().optional(),
  /** As packages of old times say it. */
  licenses: z.array(z.object({ type: z.string() })).optional(),
});

/** Of an SPDX expression: "(MIT OR GPL-2.0)" leaves the choice, "MIT AND ISC" does not. */
function isAllowed(expression: string): boolean {
  return expression
    .replace(/[()]/g, "")
    .split(/ OR /)
    .some((choice) => choice.split(/ AND /).every((licence) => allowed.has(licence.trim())));
}

async function licenceOf(path: string, locked: string | undefined): Promise<string> {
  if (locked !== undefined) return locked;
  const { license, licenses } = manifest.parse(
    JSON.parse(await readFile(join(root, path, "package.json"), "utf8")),
  );
  return license ?? licenses?.map(({ type }) => type).join(" OR ") ?? "none";
}

test("everything that is installed beside the program has a licence that lets it be", async () => {
  const { packages } = lock.parse(JSON.parse(await readFile(join(root, "package-lock.json"), "utf8")));
  const shipped = Object.entries(packages).filter(([path, { dev }]) => path !== "" && dev !== true);
  expect(shipped.length).toBeGreaterThan(50);
  const licences = await Promise.all(
    shipped.map(async ([path, { license }]) => ({ path, licence: await licenceOf(path, license) })),
  );
  expect(licences.filter(({ licence }) => !isAllowed(licence))).toEqual([]);
});

test.each([
  ["MIT", true],
  ["GPL-3.0-only", false],
  ["(MIT OR GPL-2.0)", true],
  ["MIT AND GPL-2.0", false],
  ["none", false],
])("%s: %s", (expression, expected) => {
  expect(isAllowed(expression)).toBe(expected);
});
