import { jest } from "@jest/globals";
import { eventually } from "../support/link-harness.js";
import { BROKER_START_MS } from "../support/test-broker.js";
import { openWorkerWorld } from "../support/worker-world.js";

jest.setTimeout(BROKER_START_MS);

test("a mistyped tlp_field lets nothing through, and says so at start and in every status", async () => {
  await using world = await openWorkerWorld({
    accounts: [
      { name: "mistyped", workspace: "Default workspace", keys: { tlp_field: "tlp_level" } },
      { name: "right", workspace: "SOC East", keys: { tlp_field: "properties.tlp" } },
    ],
  });
  const fault =
    'incidents have no custom field "tlp_level", which tlp_field in [trustar_mistyped] of app.config names';
  await eventually(() => world.output().includes(JSON.stringify(fault).slice(1, -1)));
  expect(world.output()).not.toContain("tlp_field in [trustar_right]");
  const { resilient } = world.soar;
  const create = async (workspace: number, tlp: string | null) => {
    const { id } = resilient.createIncident({ workspace, properties: { tlp } }).dto;
    await world.soar.answered();
    return { id, status: world.statuses("CaseCreated").at(-1)! };
  };
  for (const tlp of ["TLP:CLEAR", "TLP:RED", null]) {
    const { id, status } = await create(1, tlp);
    expect(status.outcome).toBe("error");
    expect(status.message).toContain(`Not sent to TruSTAR: ${fault}`);
    expect((await world.click("Send To TruSTAR", id)).message).toBe(status.message);
    const called = await world.call("submit_report_to_trustar", { trustar_incident_id: id });
    expect(called.results).toEqual({ error: status.message });
    expect([world.reportsOf(id), world.notesOf(id)]).toEqual([[], []]);
  }
  const allowed = await create(2, "TLP:GREEN");
  const empty = await create(2, null);
  const red = await create(2, "TLP:RED");
  expect([allowed, empty, red].map(({ id }) => world.reportsOf(id).length)).toEqual([1, 1, 0]);
  expect(red.status.message).toContain("TLP:RED");
  // The one that went out before it became red is not updated any more.
  resilient.updateIncident(allowed.id, { properties: { tlp: "TLP:RED" }, severity_code: "High" });
  expect((await world.click("Send To TruSTAR", allowed.id)).outcome).toBe("error");
  expect(world.reportsOf(allowed.id)[0]?.reportBody).not.toContain("High");
});
