/**
 * Prints the CycloneDX bill of what is installed with the program. npm's own `--omit dev` also leaves out what the
 * program shares with its makers' tools (form-data, for one): here the lock file tells what belongs to the program.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { z } from "zod";

const bill = z.looseObject({
  components: z.array(z.looseObject({ "bom-ref": z.string(), name: z.string(), version: z.string() })),
  dependencies: z.array(z.object({ ref: z.string(), dependsOn: z.array(z.string()) })),
});
const lock = z.object({
  packages: z.record(z.string(), z.object({ dev: z.boolean().optional(), version: z.string().optional() })),
});

// Whoever read it has gone (`| head`): end as other programs do then, by the number of SIGPIPE.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(128 + 13);
});

const { packages } = lock.parse(JSON.parse(readFileSync("package-lock.json", "utf8")));
const shipped = new Set(
  Object.entries(packages)
    .filter(([, { dev }]) => dev !== true)
    .map(([path, { version = "" }]) => `${path.replace(/^.*node_modules\//, "")}@${version}`),
);
const npm = ["sbom", "--sbom-format", "cyclonedx", "--sbom-type", "application"];
const whole = bill.parse(JSON.parse(execFileSync("npm", npm, { encoding: "utf8", maxBuffer: 2 ** 27 })));
const tools = new Set(
  whole.components
    .filter(({ name, version }) => !shipped.has(`${name}@${version}`))
    .map((component) => component["bom-ref"]),
);
const ours = {
  ...whole,
  components: whole.components.filter((component) => !tools.has(component["bom-ref"])),
  dependencies: whole.dependencies
    .filter(({ ref }) => !tools.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((other) => !tools.has(other)) })),
};
process.stdout.write(`${JSON.stringify(ours, undefined, 2)}\n`);
