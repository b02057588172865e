import { jest } from "@jest/globals";
import { BROKER_START_MS } from "../support/test-broker.js";
import { openWorkerWorld, type WorkerWorld } from "../support/worker-world.js";

jest.setTimeout(2 * BROKER_START_MS);

const ip = (value: string) => ({ type: { name: "IP Address" }, value, description: "" });
const values = (count: number) =>
  Array.from(
    { length: count },
    (_, n) => `45.${9 + Math.trunc(n / 62_500)}.${Math.trunc(n / 250) % 250}.${n % 250}`,
  );

/** An incident with a report; then its artifacts and an ArtifactCreated of each, while the worker is away. */
async function queueFor(world: WorkerWorld, count: number, messages: number): Promise<number> {
  const { resilient } = world.soar;
  const { id } = resilient.createIncident({ artifacts: [ip("203.0.113.50")] }).dto;
  await world.soar.answered();
  expect(await world.product.terminate()).toBe(0);
  // To be fired by the test alone.
  for (const rule of resilient.world.rules) if (rule.name === "ArtifactCreated") rule.type = 1;
  const record = resilient.incident(id);
  const [first] = record.artifacts;
  for (const [index, value] of values(count).entries()) {
    record.artifacts.push({ ...first!, id: 1_000_000 + index, value });
  }
  for (let index = 0; index < messages; index += 1) {
    resilient.invokeRule("ArtifactCreated", id, 1_000_000 + (index % count));
  }
  world.trustar.resetCalls();
  return id;
}

const open = (): Promise<WorkerWorld> =>
  openWorkerWorld({
    threatSource: false,
    trustar: { limits: { indicatorsPerReport: 20_000, reportBytes: 1e8 } },
  });

test.each([
  [100, 100],
  [100, 1_000],
  [1_000, 1_000],
])(
  "of one incident's %d artifacts, %d queued ArtifactCreated cost a handful of calls, and some for the new values",
  async (artifacts, messages) => {
    await using world = await open();
    const id = await queueFor(world, artifacts, messages);
    await world.start();
    await world.soar.answered(300_000);
    const { byEndpoint, total } = world.trustar.calls();
    const { "GET /indicators/related": related = 0, "PUT /reports/{id}": updates = 0 } = byEndpoint;
    expect(updates).toBe(1);
    // Its answers hold the report's own indicators as well, a thousand on a page.
    expect(related).toBeLessThanOrEqual(Math.ceil(artifacts / 100) * Math.ceil((artifacts + 1) / 1_000));
    expect(total - related).toBeLessThanOrEqual(12);
    const replies = world.soar.resilient.invocations.map(
      ({ replies: all }) => all.filter(({ complete }) => complete).length,
    );
    expect(replies.every((finals) => finals === 1)).toBe(true);
    expect(world.reportsOf(id)[0]?.reportBody).toContain(values(artifacts).at(-1));
  },
);
