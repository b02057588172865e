/** What can be known of the image without an engine that builds it: what its recipe says. */
import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

interface Step {
  readonly verb: string;
  readonly rest: string;
}

async function stages(): Promise<readonly (readonly Step[])[]> {
  const text = await readFile(join(root, "Dockerfile"), "utf8");
  const steps = text
    .replaceAll("\\\n", " ")
    .split("\n")
    .map((line) => /^([A-Z]+)\s+(.*)$/.exec(line.trim()))
    .flatMap((found) => (found === null ? [] : [{ verb: found[1] ?? "", rest: found[2] ?? "" }]));
  const starts = steps.flatMap(({ verb }, at) => (verb === "FROM" ? [at] : []));
  return starts.map((start, n) => steps.slice(start, starts[n + 1]));
}

async function lastStage(): Promise<readonly Step[]> {
  return (await stages()).at(-1) ?? [];
}

const all = (steps: readonly Step[], verb: string): string[] =>
  steps.filter((step) => step.verb === verb).map(({ rest }) => rest);

test("it runs as somebody who isn't root, and nothing that runs comes before that", async () => {
  const stage = await lastStage();
  expect(all(stage, "USER")).toEqual(["node"]);
  const verbs = stage.map(({ verb }) => verb);
  expect(verbs.indexOf("USER")).toBeGreaterThan(verbs.lastIndexOf("RUN"));
  expect(verbs.indexOf("USER")).toBeGreaterThan(verbs.lastIndexOf("COPY"));
});

test("it starts and is asked for its health without a shell and without any tool but node", async () => {
  const stage = await lastStage();
  const commands = [
    ...all(stage, "CMD"),
    ...all(stage, "HEALTHCHECK").map((rest) => rest.replace(/^.*?CMD /, "")),
  ];
  expect(commands).toHaveLength(2);
  for (const command of commands) expect(JSON.parse(command)).toEqual(expect.arrayContaining(["node"]));
  expect(all(stage, "ENTRYPOINT")).toEqual([]);
});

test("the one place that is written is a volume, so that the rest can be read-only", async () => {
  const stage = await lastStage();
  expect(all(stage, "VOLUME")).toEqual(['["/state"]']);
  expect(all(stage, "RUN")).toEqual(["mkdir /config /state && chown node:node /state"]);
  // What is copied stays root's: no --chown.
  for (const copy of all(stage, "COPY")) expect(copy).not.toContain("--chown");
});

test("nothing is fetched while it is built but the locked packages, and none of their scripts runs", async () => {
  const steps = (await stages()).flat();
  expect(all(steps, "ADD")).toEqual([]);
  const runs = all(steps, "RUN").join("\n");
  expect(runs).not.toMatch(/curl|wget|apt|apk|npm install|npm i /);
  for (const [command] of runs.matchAll(/npm (?:ci|prune)[^&\n]*/g))
    expect(command).toContain("--ignore-scripts");
  expect(all(steps, "FROM")).toEqual(["node:24-slim AS build", "node:24-slim"]);
});

test("what it copies is there and is let through by .dockerignore; tests are not", async () => {
  const ignored = await readFile(join(root, ".dockerignore"), "utf8");
  const through = ignored.split("\n").flatMap((line) => (line.startsWith("!") ? [line.slice(1)] : []));
  const copied = (await stages())
    .flat()
    .filter(({ verb, rest }) => verb === "COPY" && !rest.includes("--from="))
    .flatMap(({ rest }) => rest.split(/\s+/).slice(0, -1));
  for (const name of copied) {
    await access(join(root, name));
    expect(through).toContain(name);
  }
  expect(through).not.toContain("test");
});
