import { beforeEachResilient } from "../support/fresh-resilient.js";
import { describe, expect, test } from "@jest/globals";
import type { ResilientClient } from "../../services/resilient/resilient-client.js";
import { failureOf, never } from "../support/resilient-fixture.js";
import type { ResilientSimulator } from "../support/resilient-simulator/resilient-simulator.js";

let simulator: ResilientSimulator;
let client: ResilientClient & Disposable;
beforeEachResilient((fresh) => {
  ({ simulator, client } = fresh);
});

describe("incidents", () => {
  test("are read in our words, their text without markup", async () => {
    const { id } = simulator.seedIncident({
      name: "Phish",
      description: "<p>mail from&nbsp;<b>45.9.148.1</b> said &lt;ok&gt;</p>",
      severity_code: "High",
      incident_type_ids: ["Phishing", 19],
      workspace: 2,
      phase_id: 1002,
      create_date: 1_700_000_000_000,
      discovered_date: 1_700_000_200_000,
      inc_start: 1_700_000_100_000,
      pii: {
        data_compromised: true,
        data_encrypted: false,
        exposure: 3,
        data_format: 1,
        data_source_ids: [100],
        gdpr_harm_risk: 58,
      },
      properties: { tlp: "TLP:AMBER", ticket: "X-1" },
    }).dto;
    expect(await client.getIncident(id, never)).toEqual({
      id,
      name: "Phish",
      description: "mail from 45.9.148.1 said <ok>",
      status: "active",
      severityId: 52,
      incidentTypeIds: [22, 19],
      workspaceId: 2,
      phaseId: 1002,
      resolutionId: undefined,
      resolutionSummary: "",
      createdMs: 1_700_000_000_000,
      discoveredMs: 1_700_000_200_000,
      incidentStartMs: 1_700_000_100_000,
      privacy: {
        dataCompromised: true,
        dataEncrypted: false,
        exposure: 3,
        dataFormatId: 1,
        dataSourceIds: [100],
        harmStatusId: 2,
        harmRiskId: 58,
      },
      customFields: { tlp: 2003, ticket: "X-1" },
      version: 1,
    });
  });

  test("are changed whole, and again when somebody else was faster; rich text stays rich", async () => {
    const { id } = simulator.seedIncident({ description: "<b>bold</b>", properties: { ticket: "X-1" } }).dto;
    let round = 0;
    await client.updateIncident(
      id,
      (incident) => {
        if (++round <= 2) simulator.updateIncident(id, { name: `changed ${round}` });
        return { name: `${incident.name}!`, severityId: 51, customFields: { tlp: 2001 } };
      },
      never,
    );
    const { dto } = simulator.incident(id);
    expect(round).toBe(3);
    expect(dto).toMatchObject({ name: "changed 2!", severity_code: 51, description: "<b>bold</b>" });
    expect(dto["properties"]).toMatchObject({ ticket: "X-1", tlp: 2001 });
  });

  test("a change that never gets through gives up", async () => {
    const { id } = simulator.seedIncident().dto;
    const edit = (): { name: string } => {
      simulator.updateIncident(id, { name: "mine" });
      return { name: "ours" };
    };
    await expect(client.updateIncident(id, edit, never)).rejects.toMatchObject({
      status: 409,
      retryable: true,
    });
    expect(simulator.calls.count("PUT", "/incidents/:id")).toBe(5);
    expect(simulator.incident(id).dto["name"]).toBe("mine");
  });

  test("nothing to change writes nothing", async () => {
    const { id } = simulator.seedIncident().dto;
    await client.updateIncident(id, () => undefined, never);
    expect(simulator.calls.count("PUT", "/incidents/:id")).toBe(0);
  });

  test("are closed with a reason", async () => {
    const { id } = simulator.seedIncident().dto;
    await expect(client.updateIncident(id, () => ({ status: "closed" }), never)).rejects.toThrow(
      /resolution_id/,
    );
    await client.updateIncident(
      id,
      () => ({ status: "closed", resolutionId: 56, resolutionSummary: "Blocked &amp; done" }),
      never,
    );
    expect(await client.getIncident(id, never)).toMatchObject({
      status: "closed",
      resolutionId: 56,
      resolutionSummary: "Blocked & done",
    });
  });

  test("patches change one field beside the changes of others, and tell a real conflict", async () => {
    const { id } = simulator.seedIncident({ name: "before" }).dto;
    simulator.updateIncident(id, { severity_code: 52 });
    simulator.faults.add({ kind: "status", method: "PATCH", status: 409 });
    await client.patchIncident(id, [{ field: "name", from: "before", to: "after" }], never);
    expect(simulator.incident(id).dto).toMatchObject({ name: "after", severity_code: 52 });
    const error = await failureOf(
      client.patchIncident(id, [{ field: "name", from: "before", to: "other" }], never),
    );
    expect(error).toMatchObject({ code: "upstream_rejected", status: 409 });
    expect(error.message).toMatch(/somebody else changed name meanwhile/);
  });

  test.each(["data_compromised", "pii.data_compromised"])(
    "a patch of %s whose answer was lost is done, not a conflict",
    async (field) => {
      const { id } = simulator.seedIncident({ pii: { data_compromised: false } }).dto;
      simulator.faults.add({ kind: "reset", when: "after", method: "PATCH" });
      await client.patchIncident(id, [{ field, from: false, to: true }], never);
      expect(await client.getIncident(id, never)).toMatchObject({
        privacy: { dataCompromised: true },
        version: 2,
      });
    },
  );

  test("a patch whose answer was lost is done, not a conflict", async () => {
    const { id } = simulator.seedIncident({ name: "before" }).dto;
    simulator.faults.add({ kind: "reset", when: "after", method: "PATCH" });
    await client.patchIncident(id, [{ field: "name", from: "before", to: "after" }], never);
    expect(simulator.incident(id).dto).toMatchObject({ name: "after", vers: 2 });
  });
});
