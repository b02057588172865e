import { openReportDesk, type ReportDeskFixture, type ReportDeskSettings } from "../support/report-desk.js";
import { never } from "../support/lookup-fixtures.js";
import { aPolicy, openBench, type Bench } from "../unit/actions/world/bench.js";

interface House extends AsyncDisposable {
  readonly desk: ReportDeskFixture;
  readonly bench: Bench;
}

/** The actions on the TruSTAR client, over real sockets, against the simulator. */
async function openHouse(settings: ReportDeskSettings = {}, redact = false): Promise<House> {
  const desk = await openReportDesk({ sampleData: false, ...settings });
  const leakGuard = { ...aPolicy("x", "y").leakGuard, redactWithTrustar: redact };
  const alpha = { submissionEnclaveIds: [desk.own], queryEnclaveIds: [desk.own], leakGuard };
  const bench = await openBench({ alpha, alphaReports: desk.reports });
  return { desk, bench, [Symbol.asyncDispose]: () => desk[Symbol.asyncDispose]() };
}

/** Something else that was seen together with the incident's address. */
async function addKnownReport({ desk }: House, externalId: string, body: string): Promise<void> {
  await desk.reports.submit(desk.draft({ externalId, title: externalId, body }), never());
  desk.simulator.clock.advance(1_000);
}

const values = ({ bench }: House): readonly string[] =>
  bench.resilient.folders.get(1)!.artifacts.map(({ value }) => value);

describe("rules on a TruSTAR", () => {
  it("submit, enrich, update and delete", async () => {
    await using house = await openHouse({ extractionDelayMs: 3_000 });
    const { bench, desk } = house;
    await addKnownReport(house, "other", "45.9.148.1 with 45.9.148.2 and http://evil.example/x");
    desk.simulator.clock.advance(10_000);
    bench.resilient.addIncident(1, { name: "Phish" });
    bench.resilient.addArtifact(1, "45.9.148.1");

    expect((await bench.rule("CaseCreated", 1)).message).toBe(
      "Report submitted to 1 enclave; 2 new indicators added as artifacts.",
    );
    expect(values(house).toSorted()).toEqual(["45.9.148.1", "45.9.148.2", "http://evil.example/x"]);
    expect(desk.simulator.reports().map(({ externalTrackingId }) => externalTrackingId)).toEqual([
      "other",
      "RESILIENT1",
    ]);

    await bench.restart();
    expect((await bench.rule("UpdateIncident", 1)).message).toBe(
      "Report already up to date in 1 enclave; no new correlated indicators.",
    );
    bench.resilient.editIncident(1, { description: "changed" });
    expect((await bench.rule("UpdateIncident", 1)).message).toMatch(/^Report updated in 1 enclave;/);
    expect(bench.resilient.folders.get(1)?.notes).toHaveLength(2);

    expect((await bench.rule("Incident Deleted", 1)).message).toBe("Report deleted from 1 enclave.");
    expect(desk.simulator.reports()).toHaveLength(1);
  });

  it("send one report although the answer to the submission is lost", async () => {
    await using house = await openHouse();
    const { bench, desk } = house;
    bench.resilient.addIncident(1);
    desk.simulator.faults.add({
      kind: "reset",
      stage: "after",
      method: "POST",
      endpoint: "/reports",
      times: 1,
    });
    expect((await bench.rule("CaseCreated", 1)).message).toMatch(/^Report submitted/);
    expect(desk.simulator.reports()).toHaveLength(1);
  });

  it("shorten what holds too many indicators", async () => {
    await using house = await openHouse({ limits: { indicatorsPerReport: 10 } });
    const { bench, desk } = house;
    bench.resilient.addIncident(1);
    for (let index = 0; index < 30; index++) bench.resilient.addArtifact(1, `45.9.148.${index}`);
    expect((await bench.rule("CaseCreated", 1)).message).toContain("22 artifacts left out of the report");
    expect(desk.simulator.reports()[0]?.reportBody).toContain("22 more artifacts were left out");
  });

  it("let the company's redaction library have a go", async () => {
    await using house = await openHouse({ redactions: { "seen in a mail": "[mail]" } }, true);
    const { bench, desk } = house;
    bench.resilient.addIncident(1);
    await bench.rule("CaseCreated", 1);
    expect(desk.simulator.reports()[0]?.reportBody).toContain("Description: [mail]");
  });
});

describe("functions on a TruSTAR", () => {
  it("give the results of the legacy table", async () => {
    await using house = await openHouse();
    const { bench, desk } = house;
    await addKnownReport(house, "other", "45.9.148.1 with 45.9.148.2");
    bench.resilient.addIncident(1, { name: "Phish" });
    bench.resilient.addArtifact(1, "45.9.148.1");
    const incident = { trustar_incident_id: 1 };
    const value = { ...incident, trustar_artifact_value: "45.9.148.2" };

    expect(await bench.run("submit_report_to_trustar", incident)).toMatchObject({
      outcome: "done",
      results: {
        error: null,
        id: desk.simulator.reports()[1]?.id,
        title: "Resilient Incident 1: Phish",
        distributionType: "ENCLAVE",
        enclaveIds: [desk.own],
        externalTrackingId: "RESILIENT1",
        created: expect.any(Number),
        updated: expect.any(Number),
        timeBegan: expect.anything(),
      },
    });
    expect(await bench.run("get_correlated_indicators_from_trustar", incident)).toMatchObject({
      results: { error: null, indicators: [{ type: "IP", value: "45.9.148.2" }] },
    });
    expect(await bench.run("get_priority_score_of_indicator", value)).toMatchObject({
      results: { error: null, priorityLevel: "NOT_FOUND" },
    });
    expect(await bench.run("whitelist_in_trustar", value)).toMatchObject({
      results: { error: null, indicators: [{ type: "IP", value: "45.9.148.2" }] },
    });
    const refused = { ...incident, trustar_artifact_value: "not an indicator" };
    expect(await bench.run("whitelist_in_trustar", refused)).toMatchObject({
      results: { error: expect.stringContaining("not recognised as an indicator") },
    });
    const undo = { ...value, trustar_artifact_type: "IP Address" };
    expect(await bench.run("undo_whitelist_in_trustar", undo)).toMatchObject({
      results: { error: null, status: "Done" },
    });
    expect(await bench.run("delete_report_in_trustar", incident)).toMatchObject({
      results: { error: null, status: "Done" },
    });
    expect(desk.simulator.reports()).toHaveLength(1);
  });

  it("say in a sentence that TruSTAR does not answer", async () => {
    await using house = await openHouse({ patienceMs: 200 });
    const { bench, desk } = house;
    bench.resilient.addIncident(1);
    desk.simulator.faults.add({ kind: "status", status: 503 });
    const reply = await bench.run("submit_report_to_trustar", { trustar_incident_id: 1 });
    expect(reply).toEqual({
      outcome: "done",
      message: expect.any(String),
      results: { error: reply.message },
    });
    expect(reply.message).not.toMatch(/check logs|undefined|\[object/i);
  });
});
