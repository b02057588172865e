import { jest } from "@jest/globals";
import { BROKER_START_MS } from "../support/test-broker.js";
import { openWorkerWorld, type WorkerWorld } from "../support/worker-world.js";

jest.setTimeout(BROKER_START_MS);

const ip = (value: string) => ({ type: { name: "IP Address" }, value, description: "" });
const addresses = (net: number, count: number): string[] =>
  Array.from({ length: count }, (_, n) => `45.${net}.${Math.floor(n / 200)}.${(n % 200) + 1}`);

/** Beside one per artifact: the incident, its artifacts, its notes, two notes written, and names that are read once. */
const otherCalls = 10;

let world: WorkerWorld;
beforeEach(async () => {
  world = await openWorkerWorld({ threatSource: false });
});
afterEach(() => world[Symbol.asyncDispose]());

test("300 artifacts and 100 new correlated indicators cost a call each for these and ten more", async () => {
  const related = addresses(7, 100);
  await world.know("Acme private", `45.9.0.1 with ${related.join(" ")}`);
  const { id } = world.soar.resilient.seedIncident({ artifacts: addresses(9, 300).map(ip) }).dto;
  const { calls } = world.soar.resilient;
  calls.clear();
  world.trustar.resetCalls();
  const said = await world.click("Send To TruSTAR", id);
  expect(said.message).toBe("Report submitted to 1 enclave; 100 new indicators added as artifacts.");
  expect(world.artifactsOf(id)).toHaveLength(400);
  expect(calls.count("POST", "/incidents/:id/artifacts")).toBe(100);
  expect(calls.all.length).toBeLessThanOrEqual(100 + otherCalls);
  const first = world.trustar.calls();
  expect(first.byEndpoint).toMatchObject({ "POST /reports": 1, "GET /reports/{id}/indicators": 1 });

  calls.clear();
  world.trustar.resetCalls();
  const again = await world.click("Send To TruSTAR", id);
  expect(again.message).toBe("Report already up to date in 1 enclave; no new correlated indicators.");
  expect(calls.counts()).toEqual({
    "GET /incidents/:id": 1,
    "GET /incidents/:id/artifacts": 1,
    "GET /incidents/:id/comments": 1,
  });
  expect(world.trustar.calls().byEndpoint["PUT /reports/{id}"]).toBeUndefined();
});

test("30 new incidents at once are one report and a handful of calls each", async () => {
  await world.know("Acme private", "45.9.0.1 with 45.9.0.2, 45.9.0.3");
  const { resilient } = world.soar;
  resilient.world.rules.find(({ name }) => name === "ArtifactCreated")!.enabled = false;
  resilient.calls.clear();
  world.trustar.resetCalls();
  const ids = Array.from(
    { length: 30 },
    () => resilient.createIncident({ artifacts: [ip("45.9.0.1")] }).dto.id,
  );
  await world.soar.answered();
  expect(new Set(world.statuses("CaseCreated").map(({ message }) => message))).toEqual(
    new Set(["Report submitted to 1 enclave; 2 new indicators added as artifacts."]),
  );
  for (const id of ids) expect(world.reportsOf(id)).toHaveLength(1);
  // Incident, artifacts, notes, two artifacts, two notes.
  const perIncident = 7;
  const names = resilient.calls.all.filter(({ route }) => !route.startsWith("/incidents/"));
  expect(resilient.calls.all.length - names.length).toBe(30 * perIncident);
  expect(names.length).toBeLessThanOrEqual(5);
  // Looked for, submitted, its status, its indicators, what is related.
  expect(world.trustar.calls().total).toBeLessThanOrEqual(30 * 6 + 2);
});
