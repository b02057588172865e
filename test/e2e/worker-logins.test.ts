import { jest } from "@jest/globals";
import { BROKER_START_MS } from "../support/test-broker.js";
import { openWorkerWorld } from "../support/worker-world.js";

jest.setTimeout(BROKER_START_MS);

test("logged in with e-mail and password, the worker works as with an API key", async () => {
  await using world = await openWorkerWorld({ login: "user" });
  const { id } = world.soar.resilient.createIncident({ workspace: 1 }).dto;
  await world.soar.answered();
  expect(world.statuses("CaseCreated")).toMatchObject([{ outcome: "complete" }]);
  expect(world.reportsOf(id)).toHaveLength(1);
  world.soar.resilient.dropSessions();
  expect(await world.click("Send To TruSTAR", id)).toMatchObject({ outcome: "complete" });
  expect(world.output()).not.toContain(world.soar.resilient.account.password);
});

test("alone, it asks the threat source's account for a priority", async () => {
  await using world = await openWorkerWorld({ halves: "worker" });
  const inputs = { trustar_artifact_value: "203.0.113.7" };
  expect((await world.call("get_priority_score_of_indicator", inputs)).results).toEqual({
    priorityLevel: "HIGH",
    error: null,
  });
  expect(await world.product.terminate()).toBe(0);
});

test("without a threat source, a priority without an incident is an error that says what is missing", async () => {
  await using world = await openWorkerWorld({ threatSource: false });
  const inputs = { trustar_artifact_value: "203.0.113.7" };
  const { results } = await world.call("get_priority_score_of_indicator", inputs);
  expect(results?.["error"]).toContain("add the section [trustar_threat_source] to app.config");
});
