import { jest } from "@jest/globals";
import { newRule } from "../support/resilient-simulator/seed-rules.js";
import { BROKER_START_MS } from "../support/test-broker.js";
import { openWorkerWorld, type WorkerWorld } from "../support/worker-world.js";

jest.setTimeout(BROKER_START_MS);

const related = ["198.51.100.1", "198.51.100.2", "198.51.100.3"];
const ip = (value: string) => ({ type: { name: "IP Address" }, value, description: "" });

let world: WorkerWorld;

/** Rules as a customer may have bent them: they fire for everything, whoever did it, and for notes as well. */
beforeEach(async () => {
  world = await openWorkerWorld({
    threatSource: false,
    accounts: [{ name: "one", keys: { incident_content_to_submit: "summary,artifacts,notes" } }],
    prepare: ({ resilient }) => {
      const { rules } = resilient.world;
      for (const rule of rules) {
        if (["ArtifactCreated", "UpdateIncident"].includes(rule.name)) rule.conditions = [];
      }
      rules.push(newRule(90, "UpdateIncident", { object_type: 2, message_destinations: [9] }));
    },
  });
  await world.know("Acme private", `203.0.113.50 with ${related.join(", ")}`);
});
afterEach(() => world[Symbol.asyncDispose]());

const writes = () => {
  const { byEndpoint } = world.trustar.calls();
  return [byEndpoint["POST /reports"] ?? 0, byEndpoint["PUT /reports/{id}"] ?? 0];
};
const messages = () => world.soar.resilient.invocations.length;
const valuesOf = (id: number) => world.artifactsOf(id).map(({ value }) => value);

async function enriched(): Promise<number> {
  const { id } = world.soar.resilient.createIncident({ artifacts: [ip("203.0.113.50")] }).dto;
  await world.soar.answered();
  expect(valuesOf(id)).toEqual(expect.arrayContaining(["203.0.113.50", ...related]));
  return id;
}

test("what we write ourselves fires rules, and none of them changes the report again", async () => {
  world.trustar.resetCalls();
  const id = await enriched();
  const fired = world.statuses("ArtifactCreated");
  expect(fired.length).toBeGreaterThanOrEqual(1 + related.length);
  expect(
    fired.filter(({ message }) => message === "Written by TruSTAR enrichment; nothing to do."),
  ).toHaveLength(related.length);
  expect(world.statuses("UpdateIncident").length).toBeGreaterThanOrEqual(2);
  expect(writes()).toEqual([1, 0]);
  expect(world.notesOf(id)).toHaveLength(2);
  const before = messages();
  expect((await world.click("Send To TruSTAR", id)).message).toMatch(/already up to date/);
  expect(messages()).toBe(before + 1);
});

test.each([false, true])(
  "an analyst's remark on our artifact changes nothing (after a restart: %s)",
  async (restarts) => {
    const id = await enriched();
    if (restarts) {
      expect(await world.product.terminate()).toBe(0);
      await world.start();
    }
    world.trustar.resetCalls();
    const ours = world.artifactsOf(id).filter(({ value }) => related.includes(String(value)));
    for (const artifact of ours) {
      await world.analyst.describeArtifact(id, artifact["id"] as number, "seen it on the proxy as well");
    }
    await world.soar.answered();
    expect(writes()).toEqual([0, 0]);
    // Nor do they go back to TruSTAR as a finding of ours, when something else makes an update.
    await world.analyst.addArtifact(id, "IP Address", "203.0.113.99");
    await world.soar.answered();
    expect(writes()).toEqual([0, 1]);
    const [report] = world.reportsOf(id);
    expect(report?.reportBody).toContain("203.0.113.99");
    for (const value of related) expect(report?.reportBody).not.toContain(value);
    // One that the analyst took out does not come back.
    await world.analyst.removeArtifact(id, ours[0]!["id"] as number);
    await world.soar.answered();
    await world.click("Send To TruSTAR", id);
    expect(valuesOf(id)).not.toContain(ours[0]!["value"]);
  },
);

test("ten artifacts at once cost one update of the report", async () => {
  const id = await enriched();
  // Told of all ten in one go, however slow this machine is: they wait on the queue.
  expect(await world.product.terminate()).toBe(0);
  world.trustar.resetCalls();
  const values = Array.from({ length: 10 }, (_, n) => `203.0.113.${100 + n}`);
  await Promise.all(values.map((value) => world.analyst.addArtifact(id, "IP Address", value)));
  await world.start();
  await world.soar.answered();
  expect(writes()).toEqual([0, 1]);
  const [report] = world.reportsOf(id);
  for (const value of values) expect(report?.reportBody).toContain(value);
});
