import { BROKER_START_MS } from "../support/test-broker.js";
import { openWorkerWorld, type WorkerWorld } from "../support/worker-world.js";

/** The table of functions of the legacy app, row by row, on the built program. */
let world: WorkerWorld;

beforeAll(async () => {
  world = await openWorkerWorld({
    accounts: [
      { name: "one", workspace: "Default workspace", keys: { auto_submission: "disable", tlp_field: "tlp" } },
    ],
  });
  await world.know("Acme private", "203.0.113.50 talks to 198.51.100.77 and HKLM\\Software\\Bad\\Run");
}, BROKER_START_MS);

afterAll(() => world[Symbol.asyncDispose]());

const ip = { type: { name: "IP Address" }, value: "203.0.113.50", description: "" };
const begun = Date.UTC(2023, 10, 14, 22, 15);

function seed(input: object = {}): { readonly id: number; readonly artifact: number } {
  const { dto, artifacts } = world.soar.resilient.seedIncident({
    artifacts: [ip],
    inc_start: begun,
    ...input,
  });
  return { id: dto.id, artifact: artifacts[0]!.id };
}

const submit = (id: number) => world.call("submit_report_to_trustar", { trustar_incident_id: id });
const ours = (id: number) => world.notesOf(id).filter((note) => note.includes("TruSTAR Enrichment"));

describe("submit_report_to_trustar", () => {
  test("submits, notes the link and does not enrich; a second call updates", async () => {
    const { id } = seed();
    const first = await submit(id);
    const [report, ...others] = world.reportsOf(id);
    expect(others).toEqual([]);
    expect(first).toMatchObject({ outcome: "complete", message: "Report submitted to 1 enclave." });
    expect(first.results).toEqual({
      id: report!.id,
      title: `Resilient Incident ${id}: Phish`,
      reportBody: report!.reportBody,
      externalTrackingId: `RESILIENT${id}`,
      externalUrl: null,
      distributionType: "ENCLAVE",
      enclaveIds: [world.enclave("Acme private")],
      timeBegan: expect.anything() as unknown,
      created: expect.any(Number) as number,
      updated: expect.any(Number) as number,
      error: null,
    });
    // As TruSTAR gives it, or our own ISO 8601 while it does not show the report yet.
    expect(new Date(first.results?.["timeBegan"] as string | number).getTime()).toBe(begun);
    expect(ours(id)).toHaveLength(1);
    expect(world.artifactsOf(id)).toHaveLength(1);
    world.soar.resilient.updateIncident(id, { severity_code: "High" });
    const second = await submit(id);
    expect(second).toMatchObject({
      message: "Report updated in 1 enclave.",
      results: { id: report!.id, error: null },
    });
    expect(second.results?.["reportBody"]).toContain("Severity: High");
    expect(Number(second.results?.["updated"])).toBeGreaterThan(Number(first.results?.["created"]));
    expect(world.reportsOf(id)).toHaveLength(1);
    expect(ours(id)).toHaveLength(1);
  });

  test("an incident in nobody's workspace, or none at all, is an error in the results", async () => {
    const { id } = seed({ workspace: 3 });
    expect(await submit(id)).toEqual({
      outcome: "complete",
      message: expect.stringContaining('Workspace "SOC West" has no TruSTAR account') as string,
      results: { error: expect.stringContaining('Workspace "SOC West" has no TruSTAR account') as string },
    });
    expect((await submit(99_999)).results).toEqual({
      error: expect.stringContaining("no such object") as string,
    });
    const empty = await world.call("submit_report_to_trustar", {});
    expect(empty.results).toEqual({
      error: "Set the function's input trustar_incident_id to the incident's id.",
    });
  });

  test("TLP:RED stays, and the workflow is told", async () => {
    const { id } = seed({ properties: { tlp: "TLP:RED" } });
    expect((await submit(id)).results).toEqual({
      error: 'Not sent to TruSTAR: the incident is TLP:RED (field "tlp"), which never leaves.',
    });
    expect(world.reportsOf(id)).toEqual([]);
  });
});

describe("delete_report_in_trustar", () => {
  test("deletes, and says Done also when there is nothing", async () => {
    const { id } = seed();
    await submit(id);
    const remove = () => world.call("delete_report_in_trustar", { trustar_incident_id: id });
    expect((await remove()).results).toEqual({ status: "Done", error: null });
    expect(world.reportsOf(id)).toEqual([]);
    expect((await remove()).results).toEqual({ status: "Done", error: null });
    await submit(id);
    expect(world.reportsOf(id)).toHaveLength(1);
  });
});

describe("get_priority_score_of_indicator", () => {
  const ask = (value: string, extra: object = {}) =>
    world.call("get_priority_score_of_indicator", { trustar_artifact_value: value, ...extra });

  test.each([
    ["203.0.113.7", "HIGH"],
    ["198.51.100.23", "MEDIUM"],
    ["192.0.2.44", "NOT_FOUND"],
    ["192.0.2.250", "NOT_FOUND"],
  ])("%s is %s, without an incident", async (value, priorityLevel) => {
    expect(await ask(value)).toMatchObject({ outcome: "complete", results: { priorityLevel, error: null } });
  });

  test("with an incident its account is asked, within its enclaves", async () => {
    const { id } = seed();
    const said = await ask("203.0.113.7", { trustar_incident_id: id });
    expect(said.results).toEqual({ priorityLevel: "NOT_FOUND", error: null });
  });

  test("without a value it is an error", async () => {
    expect((await ask("")).results).toEqual({
      error: "Set the function's input trustar_artifact_value; it is empty.",
    });
  });
});

describe("get_correlated_indicators_from_trustar", () => {
  const ask = (id: number) =>
    world.call("get_correlated_indicators_from_trustar", { trustar_incident_id: id });

  test("gives types and values, and adds nothing to the incident", async () => {
    const { id } = seed();
    await submit(id);
    const said = await ask(id);
    const indicators = said.results?.["indicators"] as { type: string; value: string }[];
    expect(indicators.map(({ type, value }) => `${type} ${value}`).sort()).toEqual([
      "IP 198.51.100.77",
      "REGISTRY_KEY HKLM\\Software\\Bad\\Run",
    ]);
    expect(said.results?.["error"]).toBeNull();
    expect(world.artifactsOf(id)).toHaveLength(1);
  });

  test("without a report it says what to do", async () => {
    const { id } = seed();
    const { error } = (await ask(id)).results as { error: string };
    expect(error).toContain(`Incident ${id} has no report in TruSTAR yet: submit it first`);
    expect(world.reportsOf(id)).toEqual([]);
  });
});

describe("whitelist_in_trustar and undo_whitelist_in_trustar", () => {
  const inputs = (id: number, value: string) => ({ trustar_incident_id: id, trustar_artifact_value: value });

  test("give what TruSTAR recognised, and Done", async () => {
    const { id } = seed();
    const set = await world.call("whitelist_in_trustar", inputs(id, "203.0.113.50"));
    expect(set.results).toEqual({ indicators: [{ type: "IP", value: "203.0.113.50" }], error: null });
    expect(world.trustar.whitelist()).toEqual([{ type: "IP", value: "203.0.113.50" }]);
    const undone = await world.call("undo_whitelist_in_trustar", {
      ...inputs(id, "203.0.113.50"),
      trustar_artifact_type: "IP Address",
    });
    expect(undone.results).toEqual({ status: "Done", error: null });
    expect(world.trustar.whitelist()).toEqual([]);
  });

  test("a value that TruSTAR does not recognise, and a type that it does not have, are errors", async () => {
    const { id } = seed();
    const set = await world.call("whitelist_in_trustar", inputs(id, "no indicator at all"));
    expect(set.results).toEqual({
      error: "TruSTAR did not whitelist the value: it was not recognised as an indicator.",
    });
    const undone = await world.call("undo_whitelist_in_trustar", {
      ...inputs(id, "10"),
      trustar_artifact_type: "Port",
    });
    expect(undone.results).toEqual({
      error: expect.stringContaining('no kind of indicator for artifacts of type "Port"') as string,
    });
  });
});

/** The shipped workflows: inputs from the pre-process script, the result (or the error) as a note. */
describe("the example workflows", () => {
  test.each([
    ["Rule for workflow: Submit Report", "submit_report_to_trustar", false, /"distributionType":"ENCLAVE"/],
    ["Rule for workflow: Correlated Indicators", "get_correlated_indicators_from_trustar", false, /198\.51/],
    ["Rule for workflow: Get Priority", "get_priority_score_of_indicator", true, /NOT_FOUND/],
    ["Rule for workflow: Whitelist", "whitelist_in_trustar", true, /"type":"IP"/],
    ["Rule for workflow: Undo whitelist", "undo_whitelist_in_trustar", true, /Done/],
    ["Rule for workflow: Delete Report", "delete_report_in_trustar", false, /Done/],
  ])("%s", async (rule, name, onArtifact, shown) => {
    const { id, artifact } = seed();
    if (/Correlated|Delete/.test(rule)) await submit(id);
    const status = await world.click(rule, id, onArtifact ? artifact : undefined);
    expect(world.statuses(name).at(-1)).toEqual(status);
    expect(status).toMatchObject({ outcome: "complete", results: { error: null } });
    const written = world.notesOf(id).filter((note) => !note.includes("TruSTAR Enrichment"));
    expect(written).toHaveLength(1);
    expect(written[0]!.replaceAll("&quot;", '"')).toMatch(shown);
  });

  test("write the error where there is one", async () => {
    const { id } = seed({ workspace: 3 });
    await world.click("Rule for workflow: Delete Report", id);
    expect(world.notesOf(id)).toEqual([expect.stringContaining("has no TruSTAR account")]);
  });
});

test("an unknown function is answered", async () => {
  await world.soar.post({
    body: { function: { name: "block_on_firewall" }, inputs: {} },
    correlationId: "unknown function",
  });
  const isIt = ({ correlationId }: { correlationId: string | undefined }) =>
    correlationId === "unknown function";
  await world.soar.replies.until((replies) => replies.some(isIt));
  expect(world.soar.replies.all.find(isIt)).toMatchObject({
    messageType: 1,
    complete: true,
    message: expect.stringContaining('function "block_on_firewall" is unknown here') as string,
  });
});
