import { artifactBody, openBench, relatedIps } from "./world/bench.js";
import { typeIds, workspaces } from "./world/fake-resilient.js";

const done = (message: unknown) => ({ outcome: "done", message });
const noteTexts = (folder: { notes: readonly { html: string }[] }): string[] =>
  folder.notes.map(({ html }) => html);

describe("CaseCreated", () => {
  it("submits, tags, notes and enriches", async () => {
    const bench = await openBench();
    const folder = bench.resilient.addIncident(2095, { name: "Phish" });
    bench.resilient.addArtifact(2095, "45.9.148.1");
    bench.alpha.relatedIndicators = relatedIps(3);

    expect(await bench.rule("CaseCreated", 2095)).toEqual(
      done("Report submitted to 1 enclave; 3 new indicators added as artifacts."),
    );
    const [report] = bench.alpha.stored.values();
    expect(report).toMatchObject({
      externalId: "RESILIENT2095",
      title: "Resilient Incident 2095: Phish",
      enclaveIds: ["trustar_alpha-enclave-1"],
    });
    expect(report?.body).toContain("Value: 45.9.148.1");
    expect([...bench.alpha.tags.values()]).toEqual([["resilient"]]);
    expect(folder.artifacts.map(({ description }) => description)).toEqual([
      "",
      "TruSTAR Correlated Indicator",
      "TruSTAR Correlated Indicator",
      "TruSTAR Correlated Indicator",
    ]);
    expect(noteTexts(folder)).toEqual([
      expect.stringContaining("TruSTAR Report Submitted Successfully."),
      expect.stringContaining("TruSTAR Enrichment / Indicators"),
    ]);
    expect(bench.alpha.asked).toEqual([
      { related: [{ type: "IP", value: "45.9.148.1" }], enclaveIds: ["trustar_alpha-query"], limit: 101 },
    ]);
  });

  it("sends nothing with automatic submission off", async () => {
    const bench = await openBench({ alpha: { autoSubmission: false } });
    bench.resilient.addIncident(1);
    const reply = await bench.rule("CaseCreated", 1);
    expect(reply).toEqual(
      done(expect.stringMatching(/^Nothing sent: auto_submission is off in \[trustar_alpha\]/)),
    );
    expect(bench.calls.total("alpha.")).toBe(0);
  });

  it("sends nothing of an excluded type", async () => {
    const bench = await openBench();
    bench.resilient.addIncident(1, { incidentTypeIds: [7, 8] });
    expect(await bench.rule("CaseCreated", 1)).toEqual(done(expect.stringContaining('type "Simulation"')));
    expect(bench.calls.total("alpha.")).toBe(0);
  });

  it("does not enrich a closed incident", async () => {
    const bench = await openBench();
    bench.resilient.addIncident(1, { status: "closed" });
    bench.resilient.addArtifact(1, "45.9.148.1");
    bench.alpha.relatedIndicators = relatedIps(3);
    expect(await bench.rule("CaseCreated", 1)).toEqual(done("Report submitted to 1 enclave."));
    expect(bench.calls.count("alpha.related")).toBe(0);
  });

  it("says which workspace has no account, and what to do", async () => {
    const bench = await openBench();
    bench.resilient.addIncident(1, { workspaceId: workspaces.orphan });
    expect(await bench.rule("CaseCreated", 1)).toEqual({
      outcome: "failed",
      message:
        'Workspace "Orphan" has no TruSTAR account; add it to "workspace" of a [trustar_...] section of app.config.',
    });
  });
});

describe.each(["UpdateIncident", "ArtifactCreated"] as const)("%s", (label) => {
  it("updates what has changed and enriches", async () => {
    const bench = await openBench();
    bench.resilient.addIncident(1);
    await bench.rule("CaseCreated", 1);
    const added = bench.resilient.addArtifact(1, "45.9.148.1");
    bench.alpha.relatedIndicators = relatedIps(2);
    expect(await bench.rule(label, 1, label === "ArtifactCreated" ? artifactBody(added) : {})).toEqual(
      done("Report updated in 1 enclave; 2 new indicators added as artifacts."),
    );
    expect(bench.alpha.stored.size).toBe(1);
    expect(bench.resilient.folders.get(1)?.notes).toHaveLength(2);
  });

  it("writes nothing when nothing has changed", async () => {
    const bench = await openBench();
    bench.resilient.addIncident(1);
    bench.resilient.addArtifact(1, "45.9.148.1");
    bench.alpha.relatedIndicators = relatedIps(2);
    await bench.rule("CaseCreated", 1);
    bench.calls.clear();
    expect(await bench.rule(label, 1)).toEqual(
      done("Report already up to date in 1 enclave; no new correlated indicators."),
    );
    expect(bench.calls.log.filter((call) => /create|updateNote|submit|alpha.update|tag/.test(call))).toEqual(
      [],
    );
  });

  it("leaves an incident alone with automatic submission off", async () => {
    const bench = await openBench({ alpha: { autoSubmission: false } });
    bench.resilient.addIncident(1);
    expect(await bench.rule(label, 1)).toEqual(done(expect.stringContaining("auto_submission is off")));
    expect(bench.calls.total("alpha.")).toBe(0);
  });

  it("keeps an excluded incident up to date only when it was sent before", async () => {
    const bench = await openBench();
    bench.resilient.addIncident(1, { incidentTypeIds: [8] });
    expect(await bench.rule(label, 1)).toEqual(done(expect.stringContaining('type "Simulation"')));
    expect(bench.alpha.stored.size).toBe(0);
    bench.resilient.editIncident(1, { incidentTypeIds: [7] });
    await bench.rule("Send To TruSTAR", 1);
    bench.resilient.editIncident(1, { incidentTypeIds: [8], description: "more is known" });
    expect(await bench.rule(label, 1)).toEqual(done(expect.stringContaining("Report updated")));
  });
});

describe("ArtifactCreated for what enrichment wrote", () => {
  it("does nothing, also when an analyst edited the description", async () => {
    const bench = await openBench();
    const folder = bench.resilient.addIncident(1);
    bench.resilient.addArtifact(1, "45.9.148.1");
    bench.alpha.relatedIndicators = relatedIps(1);
    await bench.rule("CaseCreated", 1);
    const ours = folder.artifacts[1]!;
    bench.calls.clear();

    const nothing = done("Written by TruSTAR enrichment; nothing to do.");
    expect(await bench.rule("ArtifactCreated", 1, artifactBody(ours))).toEqual(nothing);
    folder.artifacts[1] = { ...ours, description: "I looked at it" };
    expect(await bench.rule("ArtifactCreated", 1, artifactBody(folder.artifacts[1]))).toEqual(nothing);
    expect(bench.calls.log).toEqual([]);

    await bench.rule("UpdateIncident", 1);
    expect([...bench.alpha.stored.values()][0]?.body).not.toContain(ours.value);
  });

  it("knows it by HTML and object descriptions", async () => {
    const bench = await openBench();
    bench.resilient.addIncident(1);
    const artifact = { id: 77, type: { id: 1, name: "IP Address" }, value: "10.0.0.1" };
    const description = { format: "text", content: "TruSTAR Correlated Indicator" };
    const reply = await bench.rule("ArtifactCreated", 1, { artifact: { ...artifact, description } });
    expect(reply.message).toContain("nothing to do");
  });
});

describe("Incident Deleted", () => {
  it("deletes the reports of every enclave without reading the incident", async () => {
    const bench = await openBench({ alpha: { submissionEnclaveIds: ["enclave-a", "bbbbbbbb-cccc"] } });
    bench.resilient.addIncident(1);
    await bench.rule("CaseCreated", 1);
    expect([...bench.alpha.stored.values()].map(({ externalId }) => externalId)).toEqual([
      "RESILIENT1",
      "RESILIENT1-bbbbbbbb",
    ]);
    bench.resilient.folders.delete(1);
    const incident = { id: 1, name: "gone", workspace: workspaces.alpha };
    expect(await bench.rule("Incident Deleted", 1, { incident })).toEqual(
      done("Report deleted from 2 enclaves."),
    );
    expect(bench.alpha.stored.size).toBe(0);
    expect(await bench.rule("Incident Deleted", 1, { incident })).toEqual(
      done("There was no report of this incident to delete."),
    );
  });

  it("chooses the account before it looks at auto_submission", async () => {
    const bench = await openBench({ alpha: { autoSubmission: false } });
    bench.resilient.addIncident(1);
    bench.resilient.addIncident(2, { workspaceId: workspaces.beta });
    await bench.rule("Send To TruSTAR", 1);
    await bench.rule("Send To TruSTAR", 2);
    expect((await bench.rule("Incident Deleted", 1)).message).toMatch(
      /stays in TruSTAR: auto_submission is off/,
    );
    expect((await bench.rule("Incident Deleted", 2)).message).toBe("Report deleted from 1 enclave.");
    expect([bench.alpha.stored.size, bench.beta.stored.size]).toEqual([1, 0]);
  });

  it("deletes nothing when nothing was deleted", async () => {
    const bench = await openBench();
    bench.resilient.addIncident(1);
    await bench.rule("CaseCreated", 1);
    const reply = await bench.rule("Incident Deleted", 1, { operation_type: "modified" });
    expect(reply.outcome).toBe("failed");
    expect(bench.alpha.stored.size).toBe(1);
  });
});

describe("Send To TruSTAR", () => {
  it("submits, then updates, whatever auto_submission says", async () => {
    const bench = await openBench({ alpha: { autoSubmission: false } });
    bench.resilient.addIncident(1);
    bench.resilient.addArtifact(1, "45.9.148.1");
    bench.alpha.relatedIndicators = relatedIps(1);
    expect((await bench.rule("Send To TruSTAR", 1)).message).toMatch(
      /^Report submitted to 1 enclave; 1 new indicator /,
    );
    bench.resilient.editIncident(1, { description: "new" });
    expect((await bench.rule("Send To TruSTAR", 1)).message).toMatch(/^Report updated in 1 enclave; no new/);
  });
});

describe("Whitelist in TruSTAR and Undo", () => {
  const artifact = (value: string | null, type: number) => ({
    object_type: 4,
    artifact: { id: 5, type, value, description: null },
  });

  it("whitelists the artifact's value in the account of the workspace", async () => {
    const bench = await openBench();
    bench.resilient.addIncident(1, { workspaceId: workspaces.beta });
    expect(await bench.rule("Whitelist in TruSTAR", 1, artifact("evil.example", typeIds.dns))).toEqual(
      done("Whitelisted in TruSTAR as URL."),
    );
    expect(bench.beta.whitelisted).toEqual([{ type: "URL", value: "evil.example" }]);
    expect(bench.calls.total("alpha.") + bench.calls.total("resilient.")).toBe(0);
  });

  it("fails for a value that TruSTAR does not recognise", async () => {
    const bench = await openBench();
    bench.resilient.addIncident(1);
    const reply = await bench.rule("Whitelist in TruSTAR", 1, artifact("nothing", typeIds.file));
    expect(reply).toEqual({
      outcome: "failed",
      message: expect.stringContaining("not recognised as an indicator"),
    });
  });

  it("fails for a file", async () => {
    const bench = await openBench();
    bench.resilient.addIncident(1);
    const reply = await bench.rule("Whitelist in TruSTAR", 1, artifact(null, typeIds.file));
    expect(reply.message).toContain("it is a file");
  });

  it("undoes by the type that the artifact's type stands for", async () => {
    const bench = await openBench();
    bench.resilient.addIncident(1);
    expect(await bench.rule("Undo Whitelist in TruSTAR", 1, artifact("evil.example", typeIds.dns))).toEqual(
      done("Removed from TruSTAR's whitelist."),
    );
    expect(bench.alpha.whitelisted).toEqual([{ type: "removed URL", value: "evil.example" }]);
  });
});

describe("messages that are none of ours", () => {
  it.each([
    ["a rule of somebody else", { action_id: 18, incident: { id: 1 } }, /rule "Somebody else's" is unknown/],
    ["a rule that nobody knows", { action_id: 999, incident: { id: 1 } }, /name of rule 999 can't be read/],
    ["a workflow's message", { action_id: null, incident: { id: 1 } }, /has no rule name/],
    ["a rule without incident", { action_id: 11, incident: null }, /names no incident/],
    ["an unknown function", { function: { name: "fn_other" }, inputs: {} }, /function "fn_other" is unknown/],
    ["a function without name", { function: { id: 3 } }, /"function.name" is not as expected/],
    ["an odd incident", { action_id: 11, incident: { id: "x" } }, /"incident.id" is not as expected/],
    ["an empty object", {}, /neither an action nor a function/],
    ["a list", [], /not an object/],
    ["text", "hello", /not an object/],
    ["nothing", null, /not an object/],
  ])("answers %s", async (_what, payload, sentence) => {
    const bench = await openBench();
    const reply = await bench.handle({ ...(await import("./world/bench.js")).aMessage("m", payload) });
    expect(reply).toEqual({ outcome: "failed", message: expect.stringMatching(sentence) });
  });

  it("answers a notice of the platform without doing anything", async () => {
    const bench = await openBench();
    const { aMessage } = await import("./world/bench.js");
    const message = { ...aMessage("m", { subscribe: [] }), payloadClass: "ConnectorSubscriptionUpdateDTO" };
    expect(await bench.handle(message)).toEqual(done("Nothing to do."));
  });

  it("answers a deleted incident with the upstream's sentence", async () => {
    const bench = await openBench();
    expect(await bench.rule("Send To TruSTAR", 404)).toEqual({
      outcome: "failed",
      message: "Incident 404 can't be found",
    });
  });

  it("answers a bug of ours in general words and logs it", async () => {
    const bench = await openBench();
    bench.resilient.addIncident(1);
    bench.calls.before = (method) => {
      if (method === "alpha.find") throw new RangeError("oops 45.9.148.1");
    };
    const reply = await bench.rule("Send To TruSTAR", 1);
    expect(reply).toEqual({
      outcome: "failed",
      message: expect.stringMatching(/^This is a fault of the TruSTAR/),
    });
    expect(bench.logs.lines().filter(({ level }) => level === 50)).toHaveLength(1);
  });

  it("reads ids as objects and rules by normalised name", async () => {
    const bench = await openBench();
    bench.resilient.addIncident(1);
    const reply = await bench.rule("Whitelist in TruSTAR", 1, {
      incident: { id: 1, workspace: { id: workspaces.alpha, name: "Alpha" }, unknown: [] },
      artifact: { id: 1, type: { id: 2, name: "DNS Name" }, value: " evil.example ", description: null },
    });
    expect(reply.message).toBe("Whitelisted in TruSTAR as URL.");
  });

  it("uses the message's own context token", async () => {
    const bench = await openBench();
    bench.resilient.addIncident(1);
    await bench.rule("Send To TruSTAR", 1);
    expect(bench.resilient.tokens).toEqual(["token of m1"]);
  });
});
