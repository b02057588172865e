import { jest } from "@jest/globals";
import { eventually } from "../support/link-harness.js";
import { startSeeded } from "../support/seeded.js";
import { BROKER_START_MS } from "../support/test-broker.js";
import { openWorkerWorld, type WorkerWorld } from "../support/worker-world.js";

jest.setTimeout(4 * BROKER_START_MS);

const random = startSeeded();
const kills = 12;
const related = Array.from({ length: 6 }, (_, n) => `198.51.100.${n + 1}`);
const ip = (value: string) => ({ type: { name: "IP Address" }, value, description: "" });

/** Some new incidents, and clicks on all of them. */
async function addLoad(world: WorkerWorld, ids: number[]): Promise<void> {
  const { resilient } = world.soar;
  for (let n = 0; n < 3; n += 1) {
    const artifacts = [ip("203.0.113.50"), ip(`203.0.113.${100 + ids.length}`)];
    ids.push(resilient.createIncident({ name: `Case ${ids.length}`, artifacts }).dto.id);
  }
  const some = ids.slice(-5);
  for (const id of some) {
    resilient.invokeRule("Send To TruSTAR", id);
    resilient.invokeFunction("submit_report_to_trustar", { trustar_incident_id: id });
  }
  await world.analyst.addArtifact(some[0]!, "IP Address", `192.0.2.${ids.length}`);
}

const calls = ({ soar, trustar }: WorkerWorld): number =>
  soar.resilient.calls.all.length + trustar.calls().total;

/** Lets the worker get on by a random number of calls: the next blow comes somewhere in its work. */
async function someWork(world: WorkerWorld): Promise<void> {
  const target = calls(world) + random.between(3, 60);
  const isIdle = () => world.soar.resilient.invocations.every(({ status }) => status !== "pending");
  await eventually(() => calls(world) >= target || isIdle(), 30_000);
}

async function strike(world: WorkerWorld, round: number): Promise<void> {
  if (round % 3 !== 2) {
    await world.kill();
    await world.start();
    return;
  }
  await world.soar.killBroker();
  // With nobody to answer to, the worker goes on with what it has; in every other round it dies meanwhile.
  if (round % 2 === 0) await world.kill();
  await world.soar.restartBroker();
  if (round % 2 === 0) await world.start();
}

test(`killed at random moments (SEED=${random.seed}), each message is answered once and nothing is doubled`, async () => {
  await using world = await openWorkerWorld({
    threatSource: false,
    accounts: [{ name: "one", enclaves: ["Acme private", "Acme incidents"], keys: { tag: "resilient" } }],
  });
  await world.know("Acme private", `203.0.113.50 with ${related.join(", ")}`);
  const ids: number[] = [];
  let struckAtWork = 0;
  for (let round = 0; round < kills; round += 1) {
    await addLoad(world, ids);
    await someWork(world);
    struckAtWork += Number(world.soar.resilient.invocations.some(({ status }) => status === "pending"));
    await strike(world, round);
  }
  await world.soar.answered(120_000);

  expect(struckAtWork).toBeGreaterThan(kills / 2);
  const { invocations } = world.soar.resilient;
  const finals = invocations.map(({ name, replies }) => [
    name,
    replies.filter(({ complete }) => complete).length,
  ]);
  expect(finals.filter(([, count]) => count !== 1)).toEqual([]);
  const failed = invocations.filter(
    ({ status, replies }) => status !== "complete" || Boolean(replies.at(-1)?.results?.["error"]),
  );
  expect(failed.map(({ name, replies }) => [name, replies.at(-1)?.message])).toEqual([]);
  for (const id of ids) {
    const places = world.reportsOf(id).map(({ enclaveId }) => enclaveId);
    expect(places.sort()).toEqual([world.enclave("Acme private"), world.enclave("Acme incidents")].sort());
    expect(world.reportsOf(id).every(({ tags }) => tags.join() === "resilient")).toBe(true);
    const notes = world.notesOf(id);
    expect(notes.filter((note) => note.includes("Submitted Successfully"))).toHaveLength(1);
    expect(notes.filter((note) => note.includes("TruSTAR Enrichment / Indicators"))).toHaveLength(1);
    expect(notes).toHaveLength(2);
    const values = world.artifactsOf(id).map(({ value }) => String(value));
    expect(new Set(values).size).toBe(values.length);
    expect(values).toEqual(expect.arrayContaining(related));
  }
});
