import { jest } from "@jest/globals";
import type { Wire } from "../support/resilient-simulator/wire.js";
import { BROKER_START_MS } from "../support/test-broker.js";
import { openWorkerWorld } from "../support/worker-world.js";

jest.setTimeout(BROKER_START_MS);

const megabyte = 1024 * 1024;
const instead = "(left out: TruSTAR takes no more in one report)";

test("what TruSTAR finds too large is submitted without what takes most room, and says so", async () => {
  await using world = await openWorkerWorld({
    accounts: [{ name: "one", keys: { incident_content_to_submit: "summary,artifacts,notes" } }],
  });
  const { resilient } = world.soar;
  const create = async (input: Wire) => {
    const { id } = resilient.createIncident(input).dto;
    await world.soar.answered(60_000);
    return { id, status: world.statuses("CaseCreated").at(-1)!, report: world.reportsOf(id)[0] };
  };
  const prose = "Somebody wrote a very long story. ".repeat((2.2 * megabyte) / 34);
  const told = await create({ description: prose });
  expect(told.status).toMatchObject({
    outcome: "complete",
    message:
      "Report submitted to 1 enclave; no new correlated indicators; 1 long text left out of the report, TruSTAR takes no more.",
  });
  expect(told.report?.reportBody).toContain(`\n\t\t\t... ${instead}\n\tPhase:`);
  expect(told.report?.reportBody.length).toBeGreaterThan(0.6 * 2 * megabyte);

  // It is remembered: the next update does not begin with the whole of it.
  world.trustar.resetCalls();
  resilient.updateIncident(told.id, { severity_code: "High" });
  expect((await world.click("Send To TruSTAR", told.id)).message).toContain("Report updated in 1 enclave");
  expect(world.trustar.calls().byStatus["413"]).toBeUndefined();

  const comments = [1, 2, 3].map((n) => ({ text: `note ${n} ${"x".repeat(n === 2 ? 2 * megabyte : 10)}` }));
  const closed = resilient.seedIncident({ comments }).dto;
  resilient.updateIncident(closed.id, {
    plan_status: "C",
    resolution_id: 56,
    resolution_summary: "done",
  });
  await world.soar.answered(60_000);
  expect((await world.click("Send To TruSTAR", closed.id)).outcome).toBe("complete");
  const body = world.reportsOf(closed.id)[0]?.reportBody;
  expect(body).toContain("Text: note 1 xxxxxxxxxx\n");
  expect(body).toContain(`Text: ${instead}\n`);
  expect(body).toContain("Text: note 3 xxxxxxxxxx\n");

  world.trustar.setLimits({ indicatorsPerReport: 100 });
  const artifacts = Array.from({ length: 150 }, (_, n) => ({
    type: { name: "IP Address" },
    value: `45.9.0.${n + 1}`,
    description: "",
  }));
  const many = await create({ artifacts, description: "y ".repeat(50_000) });
  expect(many.status.message).toContain("77 artifacts left out of the report, TruSTAR takes no more.");
  expect(many.report?.reportBody).toContain("77 more artifacts were left out");
  expect(many.report?.reportBody).toContain("y y y");
});
