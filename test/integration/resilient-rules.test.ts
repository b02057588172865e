import { beforeEachResilient } from "../support/fresh-resilient.js";
import { describe, expect, test } from "@jest/globals";
import { Secret } from "../../src/core/secret.js";
import type { ResilientClient } from "../../services/resilient/resilient-client.js";
import { never } from "../support/resilient-fixture.js";
import type { ResilientSimulator } from "../support/resilient-simulator/resilient-simulator.js";
import { asWire, type Wire } from "../support/resilient-simulator/wire.js";

let simulator: ResilientSimulator;
let client: ResilientClient & Disposable;
beforeEachResilient((fresh) => {
  ({ simulator, client } = fresh);
});

const body = (index: number): Wire => asWire(JSON.parse(simulator.published[index]?.body ?? "null"));
const ruleNames = async (): Promise<string[]> => {
  await simulator.settled();
  return simulator.invocations.map(({ name }) => name);
};

describe("automatic rules", () => {
  test("fire for new incidents and artifacts, status changes and deletions, by whoever makes them", async () => {
    const { id } = simulator.createIncident({ artifacts: [{ type: 1, value: "45.9.148.1" }] }).dto;
    await client.createArtifact(id, { typeId: 2, value: "evil.example", description: "seen" }, never);
    await client.updateIncident(id, () => ({ name: "renamed" }), never);
    await client.createNote(id, "a note", never);
    simulator.updateIncident(id, { plan_status: "C", resolution_id: 56, resolution_summary: "done" });
    await fetch(`${simulator.url}/rest/orgs/201/incidents/${id}`, {
      method: "DELETE",
      headers: { authorization: `Basic ${btoa(`${simulator.apiKey.id}:${simulator.apiKey.secret}`)}` },
    });
    expect(await ruleNames()).toEqual([
      "CaseCreated",
      "ArtifactCreated",
      "ArtifactCreated",
      "UpdateIncident",
      "Incident Deleted",
    ]);
    expect([0, 1, 2, 3, 4].map((n) => body(n)["operation_type"])).toEqual([
      "created",
      "created",
      "created",
      "modified",
      "deleted",
    ]);
  });

  test("leave correlated indicators alone", async () => {
    const { id } = simulator.seedIncident().dto;
    const artifact = { typeId: 1, value: "45.9.148.1", description: "TruSTAR Correlated Indicator" };
    await client.createArtifact(id, artifact, never);
    expect(await ruleNames()).toEqual([]);
  });

  test("do not fire for what a message with their own token caused: others do", async () => {
    const { id } = simulator.createIncident().dto;
    simulator.createIncident({ artifacts: [{ type: 1, value: "45.9.148.2" }] });
    await simulator.settled();
    const [created, , added] = simulator.published;
    const artifact = (n: number) => ({ typeId: 1, value: `45.9.148.${n}`, description: "" });
    await client
      .forMessage(new Secret(added?.headers["Co3ContextToken"] ?? ""))
      .createArtifact(id, artifact(3), never);
    expect(await ruleNames()).toHaveLength(3);
    await client
      .forMessage(new Secret(created?.headers["Co3ContextToken"] ?? ""))
      .createArtifact(id, artifact(4), never);
    await client.forMessage(new Secret("forged.e30.token")).createArtifact(id, artifact(5), never);
    expect(await ruleNames()).toHaveLength(5);
  });

  test("a duplicate artifact is no event", async () => {
    const { id } = simulator.seedIncident({ artifacts: [{ type: 1, value: "45.9.148.1" }] }).dto;
    await client.createArtifact(id, { typeId: 1, value: "45.9.148.1", description: "" }, never);
    expect(await ruleNames()).toEqual([]);
  });

  test("without conditions fire on everything, notes included", async () => {
    const rule = simulator.world.rules.find(({ name }) => name === "CaseCreated")!;
    simulator.world.rules.push({ ...rule, id: 99, name: "Feeder", object_type: 2, conditions: [] });
    const { id } = simulator.seedIncident().dto;
    const note = await client.createNote(id, "a", never);
    await client.updateNote(id, note.id, "b", never);
    await client.deleteNote(id, note.id, never);
    expect(await ruleNames()).toEqual(["Feeder", "Feeder", "Feeder"]);
    expect(body(1)).toMatchObject({
      object_type: 2,
      note: { id: note.id, text: '<div class="rte">b</div>' },
    });
  });
});

describe("messages", () => {
  test("of actions carry the headers and the body that the platform sends", async () => {
    const { dto, artifacts } = simulator.seedIncident({
      artifacts: [{ type: 3, value: "http://a.example/" }],
    });
    const [invocation] = simulator.invokeRule("Whitelist in TruSTAR", dto.id, artifacts[0]?.id);
    await simulator.settled();
    const [message] = simulator.published;
    expect(message?.destination).toBe("actions.201.trustar");
    expect(message?.headers).toMatchObject({
      "reply-to": "/queue/acks.201.trustar",
      "correlation-id": invocation?.correlationId,
      Co3MessagePayload: "ActionDataDTO",
      Co3ContentType: "application/json",
      persistent: "true",
      priority: "4",
    });
    expect(body(0)).toMatchObject({
      object_type: 4,
      incident: { id: dto.id, plan_status: "A", workspace: 1, artifacts: null },
      artifact: { type: 3, value: "http://a.example/", inc_id: dto.id },
      task: null,
      user: { email: simulator.account.email },
      type_info: {
        incident: { fields: { severity_code: { values: { "50": { label: "Low" } } } } },
        artifact: { fields: { type: { values: { "3": { label: "URL" } } } } },
      },
    });
    const { actions } = JSON.parse(
      Buffer.from(message?.headers["Co3ContextToken"]?.split(".")[1] ?? "", "base64url").toString(),
    );
    expect(actions).toEqual([body(0)["action_id"]]);
  });

  test("of workflows carry the inputs that their scripts take from the objects", async () => {
    const { dto, artifacts } = simulator.seedIncident({ artifacts: [{ type: 1, value: "45.9.148.1" }] });
    simulator.invokeRule("Rule for workflow: Undo whitelist", dto.id, artifacts[0]?.id);
    simulator.invokeFunction("get_priority_score_of_indicator", { trustar_artifact_value: "x" });
    await simulator.settled();
    expect(simulator.published[0]?.headers).toMatchObject({ Co3MessagePayload: "FunctionDataDTO" });
    expect(body(0)).toMatchObject({
      function: { name: "undo_whitelist_in_trustar" },
      inputs: {
        trustar_artifact_type: "IP Address",
        trustar_artifact_value: "45.9.148.1",
        trustar_incident_id: dto.id,
      },
      workflow: { programmatic_name: "example_workflow_undo_whitelist_in_trustar" },
    });
    expect(body(0)).not.toHaveProperty("incident");
    expect(body(1)).toMatchObject({ workflow: null, inputs: { trustar_artifact_value: "x" } });
  });
});
