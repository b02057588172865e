import { jest } from "@jest/globals";
import type { SoarOptions } from "../support/soar.js";
import { BROKER_START_MS } from "../support/test-broker.js";
import { openWorkerWorld, type WorldPlan } from "../support/worker-world.js";

jest.setTimeout(2 * BROKER_START_MS);

type Resilient = Parameters<NonNullable<WorldPlan["prepare"]>>[0]["resilient"];

const idOf = ({ world }: Resilient, name: string): number =>
  world.destinations.find((one) => one.programmatic_name === name)?.id ?? 0;

function moveFunctions({ world }: Resilient, to: string, names?: readonly string[]): void {
  for (const one of world.functions) if (names?.includes(one.name) !== false) one.destination_handle = to;
}

function moveRules(resilient: Resilient, to: string, names?: readonly string[]): void {
  for (const one of resilient.world.rules) {
    if (one.message_destinations.length === 0 || names?.includes(one.name) === false) continue;
    one.message_destinations = [idOf(resilient, to)];
  }
}

const ip = { type: { name: "IP Address" }, value: "203.0.113.50", description: "" };
const open = (plan: Omit<WorldPlan, "soar"> & { readonly soar?: SoarOptions }) =>
  openWorkerWorld({ threatSource: false, ...plan });

test("queue names a destination of the customer's, while functions and rules are where they were", async () => {
  await using world = await open({ queue: "soc_dest", soar: { queues: ["soc_dest"] } });
  const { id } = world.soar.resilient.createIncident({ artifacts: [ip] }).dto;
  await world.soar.answered();
  expect(world.reportsOf(id)).toHaveLength(1);
  expect(await world.call("submit_report_to_trustar", { trustar_incident_id: id })).toMatchObject({
    outcome: "complete",
    results: { error: null, externalTrackingId: `RESILIENT${id}` },
  });
});

test("one function and one rule were moved, each to another destination; names may have dots", async () => {
  await using world = await open({
    queue: "soc.trustar",
    soar: { queues: ["soc.trustar", "soc.functions", "soc.rules", "soc.other"] },
    prepare: ({ resilient }) => {
      moveFunctions(resilient, "soc.trustar");
      moveRules(resilient, "soc.trustar");
      moveFunctions(resilient, "soc.functions", ["submit_report_to_trustar"]);
      moveRules(resilient, "soc.rules", ["Send To TruSTAR"]);
      // Such a rule may be another integration's, whose messages would be taken from it.
      moveRules(resilient, "soc.other", ["Incident Deleted"]);
    },
  });
  const { id } = world.soar.resilient.createIncident({ artifacts: [ip] }).dto;
  await world.soar.answered();
  expect(await world.click("Send To TruSTAR", id)).toMatchObject({ outcome: "complete" });
  const inputs = { trustar_incident_id: id };
  for (const name of ["submit_report_to_trustar", "delete_report_in_trustar"]) {
    expect(await world.call(name, inputs)).toMatchObject({ outcome: "complete", results: { error: null } });
  }
  const subscribed = /"destinations":\[([^\]]*)\]/.exec(world.output())?.[1];
  expect(subscribed?.match(/soc\.\w+/g)?.sort()).toEqual(["soc.functions", "soc.rules", "soc.trustar"]);
});

test("all are subscribed again when the broker has been away", async () => {
  await using world = await open({
    queue: "soc_dest",
    soar: { queues: ["soc_dest"] },
    prepare: ({ resilient }) => {
      moveRules(resilient, "soc_dest");
    },
  });
  const { id } = world.soar.resilient.createIncident({ artifacts: [ip] }).dto;
  await world.soar.answered();
  await world.soar.killBroker();
  await world.soar.restartBroker();
  expect(await world.click("Send To TruSTAR", id)).toMatchObject({ outcome: "complete" });
  expect(await world.call("submit_report_to_trustar", { trustar_incident_id: id })).toMatchObject({
    outcome: "complete",
  });
});

test.each([
  [
    "the destination of app.config does not exist",
    { queue: "gone" },
    /no such message destination.*correct queue/,
  ],
  [
    "a function's destination does not exist",
    {
      prepare: ({ resilient }: { readonly resilient: Resilient }) => {
        moveFunctions(resilient, "gone", ["delete_report_in_trustar"]);
      },
    },
    /delete_report_in_trustar.*does not exist.*choose one/,
  ],
  [
    "the account may not read the destination of a function",
    {
      soar: { queues: ["theirs"], brokerUser: { read: ["actions.201.trustar"] } },
      prepare: ({ resilient }: { readonly resilient: Resilient }) => {
        moveFunctions(resilient, "theirs", ["delete_report_in_trustar"]);
      },
    },
    /Add the API key .* message destination theirs /,
  ],
  [
    "the account may not read the destination of app.config",
    { queue: "theirs", soar: { queues: ["theirs"], brokerUser: { read: ["actions.201.trustar"] } } },
    /Add the API key .* message destination theirs /,
  ],
] satisfies [string, Parameters<typeof open>[0], RegExp][])(
  "%s: a warning says what to do, and the others go on",
  async (_what, plan, warning) => {
    await using world = await open(plan);
    const { id } = world.soar.resilient.createIncident({ artifacts: [ip] }).dto;
    await world.soar.answered();
    expect(world.reportsOf(id)).toHaveLength(1);
    expect(await world.call("submit_report_to_trustar", { trustar_incident_id: id })).toMatchObject({
      outcome: "complete",
    });
    expect(world.output().replaceAll("\\", "")).toMatch(warning);
  },
);

test("messages of one incident run one after the other, also from two destinations", async () => {
  await using world = await open({
    queue: "soc_dest",
    soar: { queues: ["soc_dest"] },
    prepare: ({ resilient }) => {
      moveRules(resilient, "soc_dest");
    },
  });
  const { resilient } = world.soar;
  const { id } = resilient.createIncident({ artifacts: [ip] }).dto;
  await world.soar.answered();
  const notes = world.notesOf(id);
  const calls = [1, 2, 3, 4].flatMap(() => [
    world.click("Send To TruSTAR", id),
    world.call("submit_report_to_trustar", { trustar_incident_id: id }),
  ]);
  for (const status of await Promise.all(calls)) expect(status).toMatchObject({ outcome: "complete" });
  expect(world.reportsOf(id)).toHaveLength(1);
  expect(world.notesOf(id)).toEqual(notes);
});
