import { jest } from "@jest/globals";
import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BROKER_START_MS } from "../support/test-broker.js";
import { openWorkerWorld, type WorkerWorld } from "../support/worker-world.js";

jest.setTimeout(BROKER_START_MS);

/** The worker's two files: answers that went out, and what it wrote itself. */
const files = ["trustar-resilient.answers", "trustar-resilient.written"];
const fileOf = (world: WorkerWorld, name: string) => join(world.folder.path, name);
const ip = (value: string) => ({ type: { name: "IP Address" }, value, description: "" });

async function submitSome(world: WorkerWorld, count: number): Promise<number[]> {
  const ids = Array.from(
    { length: count },
    () =>
      world.soar.resilient.createIncident({ artifacts: [ip("203.0.113.50")], description: "z".repeat(2_000) })
        .dto.id,
  );
  for (const id of ids)
    world.soar.resilient.invokeFunction("submit_report_to_trustar", { trustar_incident_id: id });
  await world.soar.answered(60_000);
  return ids;
}

function expectNothingDoubled(world: WorkerWorld, ids: readonly number[]): void {
  for (const id of ids) {
    expect(world.reportsOf(id)).toHaveLength(1);
    expect(world.notesOf(id).filter((note) => note.includes("TruSTAR Enrichment"))).toHaveLength(2);
    const values = world.artifactsOf(id).map(({ value }) => value);
    expect([...values].sort()).toEqual(["198.51.100.1", "203.0.113.50"]);
  }
  const { invocations } = world.soar.resilient;
  expect(invocations.filter(({ status }) => status !== "complete")).toEqual([]);
  expect(
    invocations.filter(({ replies }) => replies.filter(({ complete }) => complete).length !== 1),
  ).toEqual([]);
}

test("a disk that can't be written costs the memory and nothing else", async () => {
  await using world = await openWorkerWorld({ threatSource: false, stateFile: "app.config/x.state" });
  await world.know("Acme private", "203.0.113.50 with 198.51.100.1");
  const ids = await submitSome(world, 10);
  expect(world.output()).toContain(
    "ledger of answers: its file could not be written; a restart would forget",
  );
  expectNothingDoubled(world, ids);
  await world.kill();
  await world.start();
  for (const id of ids) await world.click("Send To TruSTAR", id);
  ids.push(...(await submitSome(world, 2)));
  expectNothingDoubled(world, ids);
  expect(await world.product.terminate()).toBe(0);
});

test("garbage and lines cut short in its files keep nobody from starting, and what is whole is remembered", async () => {
  await using world = await openWorkerWorld({ threatSource: false });
  await world.know("Acme private", "203.0.113.50 with 198.51.100.1");
  const ids = await submitSome(world, 3);
  await world.kill();
  for (const name of files) {
    const path = fileOf(world, name);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const whole = await readFile(path);
    expect(whole.length).toBeGreaterThan(100);
    const garbage = Buffer.from(Array.from({ length: 5_000 }, (_, n) => (n * 7919) % 256));
    await writeFile(path, Buffer.concat([garbage, Buffer.from("\n"), whole, whole.subarray(0, 90)]));
  }
  await world.start();
  const artifact = world.artifactsOf(ids[0]!).find(({ value }) => value === "198.51.100.1")!;
  await world.analyst.describeArtifact(ids[0]!, artifact["id"] as number, "mine now");
  for (const id of ids) await world.click("Send To TruSTAR", id);
  expectNothingDoubled(world, ids);
  expect(world.reportsOf(ids[0]!)[0]?.reportBody).not.toContain("198.51.100.1");
});

test("files that are folders cost the memory only", async () => {
  await using world = await openWorkerWorld({ threatSource: false });
  await world.know("Acme private", "203.0.113.50 with 198.51.100.1");
  const ids = await submitSome(world, 2);
  await world.kill();
  for (const name of files) {
    await rm(fileOf(world, name));
    await mkdir(fileOf(world, name));
  }
  await world.start();
  for (const id of ids) await world.click("Send To TruSTAR", id);
  expectNothingDoubled(world, ids);
  expect(world.output()).toContain("origin ledger: its file can't be read, it begins anew");
});
