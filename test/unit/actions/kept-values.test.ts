import type { AccountPolicy, LeakGuardPolicy } from "../../../src/core/account.js";
import { artifactBody, openBench } from "./world/bench.js";
import { typeIds, workspaces } from "./world/fake-resilient.js";

function guarding(changes: Partial<LeakGuardPolicy>): Partial<AccountPolicy> {
  const nothing = { redactTerms: [], maskPrivateAddresses: false, ownDomains: [], redactWithTrustar: false };
  return { leakGuard: { ...nothing, maxTlp: "AMBER", tlpField: undefined, ...changes } };
}

async function whitelistEverywhere(
  account: Partial<AccountPolicy>,
  value: string,
  customFields: Readonly<Record<string, string>> = {},
): Promise<{ readonly sentences: readonly unknown[]; readonly sent: number }> {
  const bench = await openBench({ alpha: account });
  bench.resilient.addIncident(1, { workspaceId: workspaces.alpha, customFields });
  const artifact = artifactBody(bench.resilient.addArtifact(1, value, { typeId: typeIds.dns }));
  const inputs = { trustar_incident_id: 1, trustar_artifact_value: value, trustar_artifact_type: "DNS Name" };
  const byRule = [
    await bench.rule("Whitelist in TruSTAR", 1, artifact),
    await bench.rule("Undo Whitelist in TruSTAR", 1, artifact),
  ];
  const byFunction = [
    await bench.run("whitelist_in_trustar", inputs),
    await bench.run("undo_whitelist_in_trustar", inputs),
  ];
  const sentences = [
    ...byRule.map((reply) => (reply.outcome === "failed" ? reply.message : reply)),
    ...byFunction.map((reply) => (reply.outcome === "done" ? reply.results?.["error"] : reply)),
  ];
  return { sentences, sent: bench.calls.total("alpha.") };
}

const fourTimes = (sentence: string): readonly unknown[] => Array.from({ length: 4 }, () => sentence);

describe("what may not leave in a report does not reach TruSTAR's whitelist either", () => {
  it("of an incident above max_tlp", async () => {
    const account = guarding({ tlpField: "tlp" });
    expect(await whitelistEverywhere(account, "evil.example", { tlp: "TLP:RED" })).toEqual({
      sentences: fourTimes('Not sent to TruSTAR: the incident is TLP:RED (field "tlp"), which never leaves.'),
      sent: 0,
    });
  });

  it.each([
    ["wiki.corp.example", guarding({ ownDomains: ["corp.example"] }), "own_domains"],
    ["10.0.0.1", guarding({ maskPrivateAddresses: true }), "mask_private_addresses"],
    ["falcon.example", guarding({ redactTerms: ["falcon"] }), "redact_terms"],
  ])("%s", async (value, account, key) => {
    expect(await whitelistEverywhere(account, value)).toEqual({
      sentences: fourTimes(`Not sent to TruSTAR: the value is kept inside by ${key} in [trustar_alpha].`),
      sent: 0,
    });
  });

  it("but what may leave does", async () => {
    const account = guarding({ tlpField: "tlp", ownDomains: ["corp.example"], maskPrivateAddresses: true });
    expect((await whitelistEverywhere(account, "evil.example", { tlp: "TLP:GREEN" })).sent).toBe(4);
  });
});
