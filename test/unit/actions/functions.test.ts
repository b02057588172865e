import { aPolicy, openBench, relatedIps } from "./world/bench.js";
import { typeIds, workspaces } from "./world/fake-resilient.js";

const incident = { trustar_incident_id: 1 };

describe("submit_report_to_trustar", () => {
  it("gives the report as the legacy app did, notes a first submission and does not enrich", async () => {
    const bench = await openBench();
    const folder = bench.resilient.addIncident(1, { name: "Phish" });
    bench.resilient.addArtifact(1, "45.9.148.1");
    bench.alpha.relatedIndicators = relatedIps(3);
    const reply = await bench.run("submit_report_to_trustar", incident);
    expect(reply).toEqual({
      outcome: "done",
      message: "Report submitted to 1 enclave.",
      results: {
        error: null,
        id: "alpha-report-1",
        title: "Resilient Incident 1: Phish",
        reportBody: expect.stringContaining("Value: 45.9.148.1"),
        externalTrackingId: "RESILIENT1",
        externalUrl: null,
        distributionType: "ENCLAVE",
        enclaveIds: ["trustar_alpha-enclave-1"],
        timeBegan: "2023-11-14T22:13:20Z",
        created: bench.clock.now(),
        updated: bench.clock.now(),
      },
    });
    expect(folder.notes).toHaveLength(1);
    expect(folder.artifacts).toHaveLength(1);
  });

  it("updates the report the second time, without a second note", async () => {
    const bench = await openBench();
    const folder = bench.resilient.addIncident(1);
    await bench.run("submit_report_to_trustar", incident);
    bench.clock.advance(1_000);
    bench.resilient.editIncident(1, { name: "Renamed" });
    const reply = await bench.run("submit_report_to_trustar", incident);
    expect(reply).toMatchObject({
      message: "Report updated in 1 enclave.",
      results: { title: "Resilient Incident 1: Renamed", updated: bench.clock.now() },
    });
    expect(folder.notes).toHaveLength(1);
  });

  it("gives what it wrote while TruSTAR does not find the fresh report", async () => {
    const bench = await openBench();
    bench.resilient.addIncident(1);
    bench.calls.before = (method) => {
      if (method === "resilient.createNote") bench.alpha.stored.clear();
    };
    const reply = await bench.run("submit_report_to_trustar", incident);
    expect(reply).toMatchObject({
      results: { id: "alpha-report-1", created: bench.clock.now(), timeBegan: "2023-11-14T22:13:20.000Z" },
    });
  });
});

describe("delete_report_in_trustar", () => {
  it("deletes the report, and is done when there is none", async () => {
    const bench = await openBench();
    bench.resilient.addIncident(1);
    await bench.run("submit_report_to_trustar", incident);
    const expected = { outcome: "done", results: { status: "Done", error: null } };
    expect(await bench.run("delete_report_in_trustar", incident)).toMatchObject(expected);
    expect(bench.alpha.stored.size).toBe(0);
    expect(await bench.run("delete_report_in_trustar", incident)).toMatchObject(expected);
  });
});

describe("get_priority_score_of_indicator", () => {
  it("asks the threat source's account when there is no incident", async () => {
    const bench = await openBench({ threatSource: true });
    expect(
      await bench.run("get_priority_score_of_indicator", { trustar_artifact_value: "a.example" }),
    ).toEqual({
      outcome: "done",
      message: "Priority MEDIUM.",
      results: { priorityLevel: "MEDIUM", error: null },
    });
    expect(bench.calls.log).toEqual(["threatSource.priorityOf"]);
  });

  it("asks the incident's account when there is one", async () => {
    const bench = await openBench({ threatSource: true });
    bench.resilient.addIncident(1, { workspaceId: workspaces.beta });
    const inputs = { trustar_artifact_value: "a.example", trustar_incident_id: 1 };
    expect(await bench.run("get_priority_score_of_indicator", inputs)).toMatchObject({
      results: { priorityLevel: "HIGH", error: null },
    });
    expect(bench.calls.count("beta.priorityOf")).toBe(1);
  });

  it.each([
    [{}, "10.0.0.1", "TruSTAR was not asked: the value stays inside, because it is private."],
    [incident, "10.0.0.1", "TruSTAR was not asked: the value stays inside, because it is private."],
    [
      {},
      "wiki.corp.example",
      "Not sent to TruSTAR: the value is kept inside by own_domains in [trustar_alpha].",
    ],
    [
      incident,
      "wiki.corp.example",
      "Not sent to TruSTAR: the value is kept inside by own_domains in [trustar_alpha].",
    ],
  ])("with %j never asks about %s", async (inputs, value, error) => {
    const { leakGuard } = aPolicy("trustar_alpha", "Alpha");
    const account = { leakGuard: { ...leakGuard, ownDomains: ["corp.example"] } };
    const bench = await openBench({ threatSource: true, alpha: account });
    bench.resilient.addIncident(1);
    const reply = await bench.run("get_priority_score_of_indicator", {
      ...inputs,
      trustar_artifact_value: value,
    });
    expect(reply).toMatchObject({ outcome: "done", results: { error } });
    expect(reply).not.toHaveProperty("results.priorityLevel");
    expect(bench.calls.log.filter((call) => call.endsWith(".priorityOf"))).toEqual([]);
  });

  it("says what to do when there is neither", async () => {
    const bench = await openBench();
    const reply = await bench.run("get_priority_score_of_indicator", { trustar_artifact_value: "a.example" });
    expect(reply).toMatchObject({
      outcome: "done",
      results: { error: expect.stringContaining("[trustar_threat_source]") },
    });
  });
});

describe("get_correlated_indicators_from_trustar", () => {
  it("lists what TruSTAR relates to the report", async () => {
    const bench = await openBench({ alpha: { maxCorrelated: 2 } });
    const folder = bench.resilient.addIncident(1);
    bench.resilient.addArtifact(1, "45.9.148.1");
    bench.alpha.relatedIndicators = relatedIps(3);
    await bench.run("submit_report_to_trustar", incident);
    expect(await bench.run("get_correlated_indicators_from_trustar", incident)).toMatchObject({
      outcome: "done",
      results: { error: null, indicators: relatedIps(2) },
    });
    expect(folder.artifacts).toHaveLength(1);
  });

  it("lists nothing when nothing is related", async () => {
    const bench = await openBench();
    bench.resilient.addIncident(1);
    await bench.run("submit_report_to_trustar", incident);
    expect(await bench.run("get_correlated_indicators_from_trustar", incident)).toMatchObject({
      results: { error: null, indicators: [] },
    });
  });

  it("says that there is no report yet", async () => {
    const bench = await openBench();
    bench.resilient.addIncident(1);
    const reply = await bench.run("get_correlated_indicators_from_trustar", incident);
    expect(reply).toMatchObject({
      outcome: "done",
      results: { error: expect.stringContaining("no report in TruSTAR yet") },
    });
  });
});

describe("whitelist_in_trustar and undo_whitelist_in_trustar", () => {
  it("gives the indicators that were whitelisted", async () => {
    const bench = await openBench();
    bench.resilient.addIncident(1);
    const inputs = { ...incident, trustar_artifact_value: "evil.example" };
    expect(await bench.run("whitelist_in_trustar", inputs)).toMatchObject({
      outcome: "done",
      results: { error: null, indicators: [{ type: "URL", value: "evil.example" }] },
    });
  });

  it("is an error for a value that TruSTAR leaves out", async () => {
    const bench = await openBench();
    bench.resilient.addIncident(1);
    const reply = await bench.run("whitelist_in_trustar", { ...incident, trustar_artifact_value: "nothing" });
    expect(reply).toMatchObject({
      outcome: "done",
      results: { error: expect.stringContaining("not recognised as an indicator") },
    });
  });

  it.each([
    ["DNS Name", "evil.example", "URL"],
    ["URL String", "evil.example/x", "URL"],
    [String(typeIds.ip), "45.9.148.1", "IP"],
    ["Malware MD5 Hash", "d41d8cd98f00b204e9800998ecf8427e", "MD5"],
    ["String", "da39a3ee5e6b4b0d3255bfef95601890afd80709", "SHA1"],
    ["TruSTAR BITCOIN_ADDRESS", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT", "BITCOIN_ADDRESS"],
  ])("undoes for type %s", async (type, value, expected) => {
    const bench = await openBench();
    bench.resilient.addIncident(1);
    const inputs = { ...incident, trustar_artifact_value: value, trustar_artifact_type: type };
    expect(await bench.run("undo_whitelist_in_trustar", inputs)).toMatchObject({
      results: { status: "Done", error: null },
    });
    expect(bench.alpha.whitelisted).toEqual([{ type: `removed ${expected}`, value }]);
  });

  it("says that a type means nothing to TruSTAR", async () => {
    const bench = await openBench();
    bench.resilient.addIncident(1);
    const inputs = { ...incident, trustar_artifact_value: "x", trustar_artifact_type: "Mutex" };
    const reply = await bench.run("undo_whitelist_in_trustar", inputs);
    expect(reply).toMatchObject({ results: { error: expect.stringContaining('type "Mutex"') } });
  });
});

describe("inputs", () => {
  const value = { format: "text", content: " evil.example\n" };
  it.each([
    ["number", 1],
    ["text", "1"],
    ["select", { id: 77, name: "1" }],
    ["textarea", { type: "text", content: "1" }],
  ])("takes an incident id as %s", async (_form, id) => {
    const bench = await openBench();
    bench.resilient.addIncident(1);
    const reply = await bench.run("whitelist_in_trustar", {
      trustar_incident_id: id,
      trustar_artifact_value: value,
    });
    expect(reply).toMatchObject({ results: { indicators: [{ value: "evil.example" }] } });
  });

  it.each([
    ["submit_report_to_trustar", {}, /trustar_incident_id/],
    ["delete_report_in_trustar", { trustar_incident_id: null }, /trustar_incident_id/],
    ["get_priority_score_of_indicator", {}, /trustar_artifact_value/],
    ["get_correlated_indicators_from_trustar", { trustar_incident_id: "x" }, /trustar_incident_id/],
    ["whitelist_in_trustar", { trustar_artifact_value: "a.example" }, /trustar_incident_id/],
    [
      "whitelist_in_trustar",
      { trustar_incident_id: 1, trustar_artifact_value: " " },
      /trustar_artifact_value/,
    ],
    ["undo_whitelist_in_trustar", { trustar_artifact_value: "a.example" }, /trustar_artifact_type/],
  ])("%s says which input is missing", async (name, inputs, sentence) => {
    const bench = await openBench();
    bench.resilient.addIncident(1);
    const reply = await bench.run(name, inputs);
    expect(reply).toMatchObject({ outcome: "done", results: { error: expect.stringMatching(sentence) } });
  });

  it("answers without a TruSTAR account with a result", async () => {
    const bench = await openBench();
    bench.resilient.addIncident(1, { workspaceId: workspaces.orphan });
    expect(await bench.run("delete_report_in_trustar", incident)).toMatchObject({
      outcome: "done",
      results: { error: expect.stringContaining('Workspace "Orphan" has no TruSTAR account') },
    });
  });
});
