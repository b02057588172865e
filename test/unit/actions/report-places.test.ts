import { UpstreamError } from "../../../src/core/errors.js";
import { openBench, type Bench } from "./world/bench.js";
import { workspaces } from "./world/fake-resilient.js";

const a = "aaaaaaaa-1111";
const b = "bbbbbbbb-2222";

const places = ({ alpha }: Bench): string[] =>
  [...alpha.stored.values()].map(({ externalId, enclaveIds }) => `${externalId} in ${enclaveIds.join()}`);

/** The same world under a configuration with other enclaves. */
async function reconfigured(before: Bench, submissionEnclaveIds: string[]): Promise<Bench> {
  const bench = await openBench({ alpha: { submissionEnclaveIds } });
  for (const [id, folder] of before.resilient.folders) bench.resilient.folders.set(id, folder);
  for (const report of before.alpha.stored.values()) {
    bench.alpha.stored.set(`old ${report.id}`, { ...report, id: `old ${report.id}` });
  }
  return bench;
}

async function sentTo(submissionEnclaveIds: string[]): Promise<Bench> {
  const bench = await openBench({ alpha: { submissionEnclaveIds } });
  bench.resilient.addIncident(1);
  await bench.rule("CaseCreated", 1);
  return bench;
}

describe("enclaves in another order", () => {
  it("keep their reports", async () => {
    const bench = await reconfigured(await sentTo([a, b]), [b, a]);
    bench.resilient.editIncident(1, { description: "changed" });
    expect((await bench.rule("Send To TruSTAR", 1)).message).toMatch(/^Report updated in 2 enclaves/);
    expect(places(bench)).toEqual([`RESILIENT1 in ${a}`, `RESILIENT1-bbbbbbbb in ${b}`]);
    expect((await bench.rule("Incident Deleted", 1)).message).toBe("Report deleted from 2 enclaves.");
  });

  it("get no second report when the first one is gone", async () => {
    const before = await sentTo([a, b]);
    before.alpha.stored.delete("alpha-report-1");
    const bench = await reconfigured(before, [b, a]);
    await bench.rule("Send To TruSTAR", 1);
    expect(places(bench).toSorted()).toEqual([`RESILIENT1 in ${a}`, `RESILIENT1-bbbbbbbb in ${b}`]);
  });

  it("leave a report alone that lies in an enclave of before, until the incident is deleted", async () => {
    const bench = await reconfigured(await sentTo([a]), [b]);
    bench.resilient.editIncident(1, { description: "changed" });
    expect((await bench.rule("Send To TruSTAR", 1)).message).toMatch(/^Report submitted to 1 enclave/);
    expect(places(bench)).toEqual([`RESILIENT1 in ${a}`, `RESILIENT1-bbbbbbbb in ${b}`]);
    expect([...bench.alpha.stored.values()][0]?.body).not.toContain("changed");
    expect((await bench.rule("Incident Deleted", 1)).message).toBe("Report deleted from 2 enclaves.");
  });

  it("tell of a report that somebody moved", async () => {
    const bench = await sentTo([a, b]);
    const [, moved] = [...bench.alpha.stored.values()];
    bench.alpha.stored.set(moved!.id, { ...moved!, enclaveIds: ["elsewhere"] });
    expect(await bench.rule("Send To TruSTAR", 1)).toMatchObject({
      outcome: "failed",
      message: expect.stringMatching(/RESILIENT1-bbbbbbbb lies in another enclave \(elsewhere\)/),
    });
  });
});

describe("an incident that moved to another account's workspace", () => {
  it("is not asked for there under the first account's report id", async () => {
    const bench = await openBench();
    bench.resilient.addIncident(1);
    await bench.rule("CaseCreated", 1);
    bench.resilient.editIncident(1, { workspaceId: workspaces.beta });
    bench.calls.clear();
    expect((await bench.rule("Send To TruSTAR", 1)).message).toMatch(/^Report submitted to 1 enclave/);
    expect(bench.calls.log.filter((call) => /^beta\.(?:find|wait|submit)/.test(call))).toEqual([
      "beta.find",
      "beta.submit",
      "beta.waitUntilProcessed",
    ]);
  });

  it("is not submitted there because the first account owed it", async () => {
    const bench = await openBench();
    bench.resilient.addIncident(1);
    bench.alpha.closedEnclaves.add("trustar_alpha-enclave-1");
    await bench.rule("CaseCreated", 1);
    bench.resilient.editIncident(1, { workspaceId: workspaces.beta });
    await bench.rule("UpdateIncident", 1);
    expect(bench.beta.stored.size).toBe(0);
  });
});

describe("a submission that is owed", () => {
  const away = (method: string) => (call: string) => {
    if (call === method) throw new UpstreamError("upstream_failed", "503");
  };

  it("is made up for after Resilient could not be read", async () => {
    const bench = await openBench();
    bench.resilient.addIncident(1);
    bench.calls.before = away("resilient.getIncident");
    expect((await bench.rule("CaseCreated", 1)).outcome).toBe("failed");
    bench.calls.before = () => undefined;
    await bench.rule("UpdateIncident", 1);
    expect(bench.alpha.stored.size).toBe(1);
  });

  it.each([
    ["automatic submission is off", { autoSubmission: false }],
    ["its type is excluded", { excludedIncidentTypes: "Phishing" }],
  ])("is none when %s", async (_why, alpha) => {
    const bench = await openBench({ alpha });
    bench.resilient.addIncident(1);
    await bench.rule("CaseCreated", 1);
    expect(bench.ledger.isOwed(1, ["trustar_alpha-enclave-1"])).toBe(false);
  });

  it.each(["CaseCreated", "Send To TruSTAR"] as const)(
    "is settled by %s once the report is stored, so that one deleted in Station does not come back",
    async (label) => {
      const bench = await openBench();
      bench.resilient.addIncident(1);
      if (label !== "CaseCreated") {
        bench.calls.before = away("alpha.submit");
        await bench.rule("CaseCreated", 1);
      }
      bench.calls.before = away("resilient.createNote");
      expect((await bench.rule(label, 1)).outcome).toBe("failed");
      bench.calls.before = () => undefined;
      bench.alpha.stored.clear();
      bench.clock.advance(10 * 60_000);
      await bench.rule("UpdateIncident", 1);
      expect(bench.alpha.stored.size).toBe(0);
    },
  );
});
