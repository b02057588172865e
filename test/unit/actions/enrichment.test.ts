import { aPolicy, openBench, relatedIps } from "./world/bench.js";
import { typeIds } from "./world/fake-resilient.js";

const restOf = (log: readonly string[]): string[] =>
  log.filter((call) => /^(?:resilient|catalog)\./.test(call));

describe("enrichment", () => {
  it("takes one call for each new artifact and at most ten others", async () => {
    const bench = await openBench();
    bench.resilient.addIncident(1);
    for (let index = 0; index < 300; index++)
      bench.resilient.addArtifact(1, `45.9.${index % 250}.${Math.trunc(index / 250)}`);
    bench.alpha.relatedIndicators = relatedIps(150);
    const reply = await bench.rule("CaseCreated", 1);
    expect(reply.message).toBe("Report submitted to 1 enclave; 100 new indicators added as artifacts.");
    const rest = restOf(bench.calls.log);
    expect(rest.filter((call) => call === "resilient.createArtifact")).toHaveLength(100);
    expect(rest.filter((call) => call !== "resilient.createArtifact").toSorted()).toEqual([
      "resilient.createNote",
      "resilient.createNote",
      "resilient.getIncident",
      "resilient.listArtifacts",
      "resilient.listNotes",
    ]);
  });

  it("finds the same again and adds nothing, although TruSTAR relates more than it may add", async () => {
    const bench = await openBench({ alpha: { maxCorrelated: 5 } });
    const folder = bench.resilient.addIncident(1);
    bench.resilient.addArtifact(1, "45.9.148.1");
    bench.alpha.relatedIndicators = relatedIps(50);
    await bench.rule("CaseCreated", 1);
    await bench.restart();
    expect((await bench.rule("Send To TruSTAR", 1)).message).toContain("no new correlated indicators");
    expect(folder.artifacts).toHaveLength(6);
  });

  it("maps types, sends refused URLs to URL String and makes a custom type once", async () => {
    const bench = await openBench();
    const folder = bench.resilient.addIncident(1);
    bench.resilient.addArtifact(1, "45.9.148.1");
    bench.alpha.relatedIndicators = [
      { type: "EMAIL_ADDRESS", value: "a@evil.example" },
      { type: "IP", value: "45.9.148.2" },
      { type: "MD5", value: "d41d8cd98f00b204e9800998ecf8427e" },
      { type: "URL", value: "http://evil.example/x" },
      { type: "URL", value: "http://under_score.example/x" },
      { type: "URL", value: "evil.example" },
      { type: "SOFTWARE", value: "evil.exe" },
      { type: "REGISTRY_KEY", value: "HKLM\\Run\\a" },
      { type: "REGISTRY_KEY", value: "HKLM\\Run\\b" },
      { type: "X_ID", value: "x-1" },
    ];
    await bench.rule("CaseCreated", 1);
    const label = (id: number) => bench.resilient.artifactTypes.find((type) => type.id === id)?.label;
    const added = folder.artifacts.slice(1).map(({ typeId, value }) => [value, label(typeId)]);
    expect(Object.fromEntries(added)).toEqual({
      "a@evil.example": "Email Sender",
      "45.9.148.2": "IP Address",
      d41d8cd98f00b204e9800998ecf8427e: "Malware MD5 Hash",
      "http://evil.example/x": "URL",
      "http://under_score.example/x": "URL String",
      "evil.example": "URL String",
      "evil.exe": "File Name",
      "HKLM\\Run\\a": "TruSTAR REGISTRY_KEY",
      "HKLM\\Run\\b": "TruSTAR REGISTRY_KEY",
      "x-1": "TruSTAR X_ID",
    });
    expect(bench.calls.count("catalog.ensureArtifactType")).toBe(2);
  });

  it("leaves out what is in the incident, however it is written", async () => {
    const bench = await openBench();
    const folder = bench.resilient.addIncident(1);
    bench.resilient.addArtifact(1, "45.9.148.1");
    bench.resilient.addArtifact(1, "hxxp://EVIL[.]example/", { typeId: typeIds.url });
    bench.alpha.relatedIndicators = [
      { type: "URL", value: "http://evil.example" },
      { type: "URL", value: "http://evil.example/Path" },
      { type: "URL", value: "http://evil.example/path" },
      { type: "URL", value: "HTTP://evil.example/path" },
    ];
    await bench.rule("CaseCreated", 1);
    expect(folder.artifacts.slice(2).map(({ value }) => value)).toEqual([
      "http://evil.example/Path",
      "http://evil.example/path",
    ]);
  });

  it("does not take an analyst's artifact of the same value for its own", async () => {
    const bench = await openBench();
    const folder = bench.resilient.addIncident(1);
    bench.resilient.addArtifact(1, "45.9.148.1");
    bench.alpha.relatedIndicators = relatedIps(1);
    // Somebody adds it between our reading and our writing.
    bench.calls.before = (method) => {
      if (method === "resilient.createArtifact") bench.resilient.addArtifact(1, relatedIps(1)[0]!.value);
    };
    expect((await bench.rule("CaseCreated", 1)).message).toContain("no new correlated indicators");
    expect(bench.ledger.isOurArtifact(1, folder.artifacts[1]!.id)).toBe(false);
    expect(folder.notes).toHaveLength(1);
  });

  it("does not bring back what an analyst deleted", async () => {
    const bench = await openBench();
    const folder = bench.resilient.addIncident(1);
    bench.resilient.addArtifact(1, "45.9.148.1");
    bench.alpha.relatedIndicators = relatedIps(2);
    await bench.rule("CaseCreated", 1);
    folder.artifacts.splice(1, 1);
    await bench.rule("Send To TruSTAR", 1);
    expect(folder.artifacts).toHaveLength(2);
  });

  it("puts new indicators into the note that is there", async () => {
    const bench = await openBench();
    const folder = bench.resilient.addIncident(1);
    bench.resilient.addArtifact(1, "45.9.148.1");
    bench.alpha.relatedIndicators = relatedIps(2);
    await bench.rule("CaseCreated", 1);
    await bench.restart();
    bench.alpha.relatedIndicators = [...relatedIps(1, 77), ...relatedIps(2)];
    await bench.rule("Send To TruSTAR", 1);
    expect(folder.notes).toHaveLength(2);
    expect(folder.notes[1]?.html.match(/10\.9\.0\.[01]<|10\.77\.0\.0</g)).toEqual([
      "10.9.0.0<",
      "10.9.0.1<",
      "10.77.0.0<",
    ]);
  });

  it("writes a new note when the old one is gone or somebody else's", async () => {
    const bench = await openBench();
    const folder = bench.resilient.addIncident(1);
    bench.resilient.addArtifact(1, "45.9.148.1");
    bench.alpha.relatedIndicators = relatedIps(1);
    await bench.rule("CaseCreated", 1);
    folder.notes.length = 0;
    bench.alpha.relatedIndicators = relatedIps(2);
    await bench.rule("Send To TruSTAR", 1);
    expect(folder.notes).toHaveLength(1);
  });

  it.each(["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>'])(
    "keeps %s inert in notes",
    async (value) => {
      const bench = await openBench();
      const folder = bench.resilient.addIncident(1, { name: value, description: value });
      bench.resilient.addArtifact(1, "45.9.148.1");
      bench.alpha.relatedIndicators = [{ type: "MALWARE", value }];
      await bench.rule("CaseCreated", 1);
      expect(folder.notes).toHaveLength(2);
      for (const { html } of folder.notes) expect(html).not.toMatch(/<(?!\/?([pba])\b)/);
    },
  );

  it("goes on without a type that it may not make", async () => {
    const bench = await openBench();
    const folder = bench.resilient.addIncident(1);
    bench.resilient.addArtifact(1, "45.9.148.1");
    bench.alpha.relatedIndicators = [
      { type: "X_ID", value: "x-1" },
      { type: "X_ID", value: "x-2" },
      { type: "IP", value: "45.9.148.2" },
    ];
    const { UpstreamError } = await import("../../../src/core/errors.js");
    bench.calls.before = (method) => {
      if (method === "catalog.ensureArtifactType") throw new UpstreamError("upstream_forbidden", "no right");
    };
    expect((await bench.rule("CaseCreated", 1)).message).toBe(
      "Report submitted to 1 enclave; 1 new indicator added as artifact; 2 indicators refused by Resilient.",
    );
    expect(folder.artifacts).toHaveLength(2);
    expect(bench.calls.count("catalog.ensureArtifactType")).toBe(1);
  });

  it("says so when it may not add artifacts at all", async () => {
    const bench = await openBench();
    bench.resilient.addIncident(1);
    bench.resilient.addArtifact(1, "45.9.148.1");
    bench.alpha.relatedIndicators = relatedIps(50);
    const { UpstreamError } = await import("../../../src/core/errors.js");
    bench.calls.before = (method) => {
      if (method === "resilient.createArtifact")
        throw new UpstreamError("upstream_forbidden", "no right to add");
    };
    const reply = await bench.rule("CaseCreated", 1);
    expect(reply).toMatchObject({ outcome: "failed", message: expect.stringMatching(/no right to add$/) });
    expect(bench.calls.count("resilient.createArtifact")).toBeLessThanOrEqual(6);
  });

  it("tells how far it came when TruSTAR fails in between", async () => {
    const bench = await openBench();
    bench.resilient.addIncident(1);
    bench.resilient.addArtifact(1, "45.9.148.1");
    const { UpstreamError } = await import("../../../src/core/errors.js");
    bench.calls.before = (method) => {
      if (method === "alpha.related") throw new UpstreamError("upstream_failed", "TruSTAR answered 502");
    };
    expect(await bench.rule("CaseCreated", 1)).toEqual({
      outcome: "failed",
      message:
        "Report submitted to 1 enclave. Correlated indicators could not be brought in: TruSTAR answered 502",
    });
  });
});

describe("reports", () => {
  it("shortens a report that is too large and says so", async () => {
    const bench = await openBench();
    bench.resilient.addIncident(1);
    for (let index = 0; index < 10; index++) bench.resilient.addArtifact(1, `45.9.148.${index}`);
    bench.alpha.maxArtifacts = 3;
    const reply = await bench.rule("CaseCreated", 1);
    expect(reply.message).toContain("7 artifacts left out of the report");
    const [report] = bench.alpha.stored.values();
    expect(report?.body).toContain("7 more artifacts were left out");
    bench.calls.clear();
    expect((await bench.rule("UpdateIncident", 1)).message).toMatch(/^Report already up to date/);
    expect(bench.calls.count("alpha.update")).toBe(0);
  });

  it("is whole again when the incident has become shorter, without asking at every run", async () => {
    const bench = await openBench();
    const folder = bench.resilient.addIncident(1);
    for (let index = 0; index < 10; index++) bench.resilient.addArtifact(1, `45.9.148.${index}`);
    bench.alpha.maxArtifacts = 3;
    await bench.rule("CaseCreated", 1);
    folder.artifacts.length = 3;
    expect((await bench.rule("UpdateIncident", 1)).message).toMatch(/^Report updated in 1 enclave; no new/);
    expect([...bench.alpha.stored.values()][0]?.body).toContain("45.9.148.2");
    bench.resilient.addArtifact(1, "45.9.148.9");
    expect((await bench.rule("UpdateIncident", 1)).message).toContain("1 artifact left out");
    bench.calls.clear();
    await bench.rule("UpdateIncident", 1);
    expect(bench.calls.count("alpha.update")).toBe(0);
  });

  it("fails when the report is too large without any artifact", async () => {
    const bench = await openBench();
    bench.resilient.addIncident(1);
    bench.alpha.maxArtifacts = -1;
    expect(await bench.rule("CaseCreated", 1)).toMatchObject({
      outcome: "failed",
      message:
        "TruSTAR takes no report of this incident, not even one without artifacts, notes and long texts: Too many indicators",
    });
  });

  it("goes to every enclave, each with its own external id and all in one note", async () => {
    const bench = await openBench({ alpha: { submissionEnclaveIds: ["first-enclave", "12345678-9abc"] } });
    const folder = bench.resilient.addIncident(1);
    expect((await bench.rule("CaseCreated", 1)).message).toMatch(/^Report submitted to 2 enclaves/);
    expect(folder.notes).toHaveLength(1);
    expect(folder.notes[0]?.html).toContain("alpha-report-1");
    expect(folder.notes[0]?.html).toContain("alpha-report-2");
  });

  it("goes to the other enclaves when one refuses, and makes up for it later in the same note", async () => {
    const bench = await openBench({ alpha: { submissionEnclaveIds: ["closed", "12345678-9abc"] } });
    const folder = bench.resilient.addIncident(1);
    bench.alpha.closedEnclaves.add("closed");
    const reply = await bench.rule("CaseCreated", 1);
    expect(reply).toEqual({
      outcome: "failed",
      message: expect.stringMatching(
        /^Report submitted to 1 enclave.*Enclave closed failed: No access to the enclave$/,
      ),
    });
    bench.alpha.closedEnclaves.clear();
    await bench.rule("Send To TruSTAR", 1);
    expect(bench.alpha.stored.size).toBe(2);
    expect(folder.notes).toHaveLength(1);
    expect(folder.notes[0]?.html).toContain("alpha-report-2");
  });

  it("waits for a report that it has just submitted, instead of submitting another", async () => {
    const bench = await openBench();
    bench.resilient.addIncident(1);
    await bench.rule("CaseCreated", 1);
    const hidden = [...bench.alpha.stored];
    bench.alpha.stored.clear();
    bench.calls.before = (method) => {
      if (method === "alpha.waitUntilProcessed")
        for (const [id, report] of hidden) bench.alpha.stored.set(id, report);
    };
    expect((await bench.rule("Incident Deleted", 1)).message).toBe("Report deleted from 1 enclave.");
    bench.calls.clear();
    expect((await bench.rule("Incident Deleted", 1)).message).toBe(
      "There was no report of this incident to delete.",
    );
    expect(bench.calls.log).toEqual(["alpha.find"]);
  });

  it("keeps the note of a report that was deleted and sent again", async () => {
    const bench = await openBench();
    const folder = bench.resilient.addIncident(1);
    await bench.rule("CaseCreated", 1);
    bench.alpha.stored.clear();
    bench.alpha.stored.set("other", { ...(await anyReport()), id: "other" });
    await bench.rule("Send To TruSTAR", 1);
    expect(folder.notes).toHaveLength(1);
    expect(folder.notes[0]?.html).toContain("alpha-report-2");
  });

  it("knows the legacy app's note", async () => {
    const bench = await openBench();
    const folder = bench.resilient.addIncident(1);
    await bench.rule("CaseCreated", 1);
    folder.notes[0]!.html =
      "<div><h3>TruSTAR Enrichment</h3><b>TruSTAR Report Submitted Successfully.</b><br /><a href=https://api.trustar.co/constellation/reports/alpha-report-1>https://api.trustar.co/constellation/reports/alpha-report-1</a></div>";
    await bench.restart();
    bench.calls.clear();
    await bench.rule("UpdateIncident", 1);
    expect(bench.calls.log.filter((call) => /Note$/.test(call))).toEqual([]);
  });

  it("tells when a tag is refused, and notes the submission all the same", async () => {
    const bench = await openBench();
    const folder = bench.resilient.addIncident(1);
    const { UpstreamError } = await import("../../../src/core/errors.js");
    bench.calls.before = (method) => {
      if (method === "alpha.tag") throw new UpstreamError("upstream_forbidden", "no right to tag");
    };
    expect(await bench.rule("CaseCreated", 1)).toMatchObject({
      outcome: "done",
      message: expect.stringContaining("could not be tagged: no right to tag"),
    });
    expect(folder.notes).toHaveLength(1);
  });

  it("masks what must not leave, lets TruSTAR redact, and counts", async () => {
    const leakGuard = {
      ...aPolicy("x", "y").leakGuard,
      redactTerms: ["Secretname"],
      redactWithTrustar: true,
    };
    const bench = await openBench({ alpha: { leakGuard } });
    bench.resilient.addIncident(1, { name: "Secretname", description: "seen in a mail to secretname" });
    const reply = await bench.rule("CaseCreated", 1);
    expect(reply.message).toContain("3 terms masked");
    const [report] = bench.alpha.stored.values();
    expect(`${report?.title} ${report?.body}`).not.toMatch(/secretname/i);
    expect(report?.body).toContain("[company]");
    expect((await bench.rule("UpdateIncident", 1)).message).toMatch(/^Report already up to date/);
  });

  it("never sends TLP:RED", async () => {
    const leakGuard = { ...aPolicy("x", "y").leakGuard, maxTlp: "RED" as const, tlpField: "tlp" };
    const bench = await openBench({ alpha: { leakGuard } });
    bench.resilient.addIncident(1, { customFields: { tlp: "TLP:RED" } });
    for (const reply of [await bench.rule("CaseCreated", 1), await bench.rule("Send To TruSTAR", 1)]) {
      expect(reply).toEqual({ outcome: "failed", message: expect.stringContaining("TLP:RED") });
    }
    expect(bench.calls.total("alpha.")).toBe(0);
  });

  it("leaves our notes and artifacts out of a closed incident's report", async () => {
    const bench = await openBench();
    const folder = bench.resilient.addIncident(1);
    bench.resilient.addArtifact(1, "45.9.148.1");
    bench.alpha.relatedIndicators = relatedIps(1);
    await bench.rule("CaseCreated", 1);
    folder.notes[1]!.html = "<p>edited by an analyst: 10.9.0.0</p>";
    folder.notes.push({ id: 9_999, html: "<p>an analyst's words</p>" });
    bench.resilient.editIncident(1, { status: "closed" });
    await bench.rule("UpdateIncident", 1);
    const [report] = bench.alpha.stored.values();
    expect(report?.body).toContain("an analyst's words");
    expect(report?.body).not.toContain("10.9.0.0");
  });
});

async function anyReport() {
  const bench = await openBench();
  bench.resilient.addIncident(2);
  await bench.rule("CaseCreated", 2);
  return [...bench.alpha.stored.values()][0]!;
}
