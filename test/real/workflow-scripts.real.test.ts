import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { workflowPlans } from "../../services/customizations/workflow-plans.js";

const scriptApi = fileURLToPath(new URL("../fixtures/script-api.py", import.meta.url));

interface Ran {
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly notes: readonly { readonly format: string; readonly content: string }[];
}

/** The workflow's scripts in a Python 3, around a function that answers `results`. */
function runScripts(name: string, results: object): Ran {
  const plan = workflowPlans.find(({ function: { name: fn } }) => fn === name)!;
  const { before, after } = plan;
  const input = JSON.stringify({ before, after, results });
  return JSON.parse(execFileSync("python3", [scriptApi], { input, encoding: "utf8" })) as Ran;
}

const indicators = [
  { type: "IP", value: "203.0.113.7" },
  { type: "URL", value: "http://x.example/?a=<b>&c" },
];

test.each<[name: string, results: object, text: string]>([
  [
    "submit_report_to_trustar",
    { id: "e3b0c442", externalTrackingId: "RESILIENT2095" },
    "Report RESILIENT2095 is up to date in TruSTAR; its id is e3b0c442.",
  ],
  ["delete_report_in_trustar", { status: "Done" }, "The report of this incident is no longer in TruSTAR."],
  ["get_priority_score_of_indicator", { priorityLevel: "HIGH" }, "Priority of <b>evil.example</b> is HIGH."],
  [
    "get_correlated_indicators_from_trustar",
    { indicators },
    "Correlated indicators\nIP: 203.0.113.7\nURL: http://x.example/?a=<b>&c",
  ],
  ["get_correlated_indicators_from_trustar", { indicators: [] }, "No correlated indicators."],
  ["whitelist_in_trustar", { indicators: indicators.slice(0, 1) }, "Whitelisted in TruSTAR\nIP: 203.0.113.7"],
  [
    "undo_whitelist_in_trustar",
    { status: "Done" },
    "<b>evil.example</b> is no longer on TruSTAR's whitelist.",
  ],
])("%s: a result becomes one plain-text note", (name, results, text) => {
  const { notes } = runScripts(name, { ...results, error: null });
  expect(notes).toEqual([{ format: "text", content: `TruSTAR Enrichment\n${text}` }]);
});

test.each(workflowPlans.map((plan) => [plan.function.name, plan] as const))(
  "%s: a failure becomes a note, and every input is set",
  (name, plan) => {
    const { inputs, notes } = runScripts(name, { error: "Workspace <x> has no TruSTAR account." });
    expect(notes).toEqual([
      { format: "text", content: "TruSTAR Enrichment\nNot done: Workspace <x> has no TruSTAR account." },
    ]);
    expect(Object.keys(inputs).sort()).toEqual([...plan.function.inputs].sort());
    for (const [input, value] of Object.entries(inputs)) {
      expect(typeof value).toBe(input === "trustar_incident_id" ? "number" : "string");
    }
  },
);
