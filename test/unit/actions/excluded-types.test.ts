import {
  excludesType,
  listsType,
  unknownTypes,
  warnOfUnknownTypes,
} from "../../../services/actions/excluded-types.js";
import { createLogCapture } from "../../support/log-capture.js";
import { aPolicy, never, openBench } from "./world/bench.js";

const labels = ["Phishing", "Denial of Service", "Fraud, internal", "Lost PDA / smartphone", "Other"];

describe("a value of incident_types_to_exclude", () => {
  it.each([
    ["phishing; 'Denial of Service'", ["Phishing", "Denial of Service"]],
    ["Spear Phishing, Other things", []],
    ["fraud, internal", ["Fraud, internal"]],
  ])("%j lists as items of its own", (written, expected) => {
    expect(labels.filter((label) => listsType(written, label))).toEqual(expected);
  });

  it.each([
    ["items in any case", "phishing , DENIAL of service", ["Phishing", "Denial of Service"]],
    ["quotes", `"Denial of Service", 'phishing'`, ["Phishing", "Denial of Service"]],
    ["other separators", "phishing; denial of service|other", ["Phishing", "Denial of Service", "Other"]],
    ["lines", "\nphishing\nother", ["Phishing", "Other"]],
    ["a list of a program", `['phishing', "other"]`, ["Phishing", "Other"]],
    ["a label within another name", "Spear Phishing", ["Phishing"]],
    ["words around it", "all Phishing and Denial of Service incidents", ["Phishing", "Denial of Service"]],
    ["a label with a comma", "Fraud, internal", ["Fraud, internal"]],
    [
      "a label with a comma in any case, among others",
      "phishing,FRAUD,INTERNAL",
      ["Phishing", "Fraud, internal"],
    ],
    ["part of a label", "Fraud, Denial, Lost PDA", []],
    ["another case within a name, as in the Python app", "another, spear phishing", []],
  ])("excludes by %s", (_kind, written, expected) => {
    expect(labels.filter((label) => excludesType(written, label))).toEqual(expected);
  });

  it("excludes nothing by a label without a name", () => {
    expect(excludesType("Phishing", " ")).toBe(false);
  });

  it.each([
    ["Phishing, fraud, INTERNAL; 'Other'", []],
    ["Fishing, Spear Phishing, Fraud", ["Fishing", "Spear Phishing", "Fraud"]],
  ])("has in %j what is no label: %j", (written, unknown) => {
    expect(unknownTypes(written, labels)).toEqual(unknown);
  });

  it("is checked at start", async () => {
    const { log, lines } = createLogCapture();
    const policies = ["Phishing", "Fishing", ""].map((excludedIncidentTypes, at) =>
      aPolicy(`trustar_${at}`, "SOC", { excludedIncidentTypes }),
    );
    await warnOfUnknownTypes(policies, () => Promise.resolve(labels), log, never);
    expect(lines()).toEqual([
      expect.objectContaining({
        account: "trustar_1",
        unknown: ["Fishing"],
        msg: expect.stringContaining("[trustar_1] incident_types_to_exclude"),
      }),
    ]);
    await warnOfUnknownTypes(policies, () => Promise.reject(new Error("away")), log, never);
    expect(lines()).toHaveLength(2);
  });
});

const refusal =
  'Nothing sent: [trustar_alpha] excludes incidents of type "Simulation" (incident_types_to_exclude).';

/** All ways on which a report can come to be, each asked for by a person or a workflow. */
const ways = [
  ["Send To TruSTAR", (bench) => bench.rule("Send To TruSTAR", 1)],
  ["submit_report_to_trustar", (bench) => bench.run("submit_report_to_trustar", { trustar_incident_id: 1 })],
] satisfies readonly (readonly [string, (bench: Awaited<ReturnType<typeof openBench>>) => unknown])[];

describe.each(ways)("%s of an excluded type", (way, ask) => {
  it("is refused where there is no report, and names the type and the key", async () => {
    const bench = await openBench({ alpha: { excludedIncidentTypes: '"Simulation"' } });
    bench.resilient.addIncident(1, { incidentTypeIds: [7, 8] });
    const reply = await ask(bench);
    expect(reply).toMatchObject({ message: refusal });
    if (way === "Send To TruSTAR") expect(reply).toMatchObject({ outcome: "failed" });
    else expect(reply).toMatchObject({ results: { error: refusal } });
    expect(bench.alpha.stored.size).toBe(0);
  });

  it("updates and deletes a report that is there, and makes none in another enclave", async () => {
    const bench = await openBench({ alpha: { submissionEnclaveIds: ["e-1", "e-2"] } });
    bench.resilient.addIncident(1, { incidentTypeIds: [7] });
    bench.calls.before = (method) => {
      if (method === "alpha.submit" && bench.alpha.stored.size === 1) throw new Error("away");
    };
    await ask(bench);
    bench.calls.before = () => undefined;
    expect(bench.alpha.stored.size).toBe(1);
    bench.resilient.editIncident(1, { incidentTypeIds: [7, 8], description: "more is known" });
    await ask(bench);
    expect([...bench.alpha.stored.values()]).toEqual([
      expect.objectContaining({ body: expect.stringContaining("more is known") }),
    ]);
    await bench.run("delete_report_in_trustar", { trustar_incident_id: 1 });
    expect(bench.alpha.stored.size).toBe(0);
  });
});
