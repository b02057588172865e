import { functionPlans, type FunctionPlan } from "./functions.js";
import * as scripts from "./scripts.js";

export interface WorkflowPlan {
  readonly name: string;
  readonly programmaticName: string;
  readonly uuid: string;
  readonly objectType: "incident" | "artifact";
  readonly function: FunctionPlan;
  /** Python 3: fills `inputs`. */
  readonly before: string;
  /** Python 3: reads `results`. */
  readonly after: string;
  /** The menu item that starts it. */
  readonly rule: { readonly name: string; readonly uuid: string };
}

/** One for each function. Names and UUIDs are those of the Python app's export. */
export const workflowPlans: readonly WorkflowPlan[] = [
  {
    name: "Example workflow: Submit/Update Report to TruSTAR",
    programmaticName: "example_workflow_submitupdate_report_to_trustar",
    uuid: "c47d0196-9978-4a4e-a0f7-c9fd77dfdb1e",
    objectType: "incident",
    function: functionPlans.submit,
    before: scripts.incidentInputs,
    after: scripts.submitted,
    rule: { name: "Rule for workflow: Submit Report", uuid: "cbb03293-f9eb-4705-b922-dbb54aaa9913" },
  },
  {
    name: "Example workflow: Delete Report In TruSTAR",
    programmaticName: "example_workflow_delete_report_in_trustar",
    uuid: "b9d471ec-80a7-4ebb-8230-4ddd88246dac",
    objectType: "incident",
    function: functionPlans.remove,
    before: scripts.incidentInputs,
    after: scripts.deleted,
    rule: { name: "Rule for workflow: Delete Report", uuid: "203e0a5f-0115-4414-b76d-2bd05b267da8" },
  },
  {
    name: "Example workflow: Get Correlated Indicators from TruSTAR",
    programmaticName: "example_workflow_get_correlated_indicators",
    uuid: "64f10bd7-fe65-4350-96dc-35d97bf91cc3",
    objectType: "incident",
    function: functionPlans.correlated,
    before: scripts.incidentInputs,
    after: scripts.correlated,
    rule: { name: "Rule for workflow: Correlated Indicators", uuid: "3cad25ba-08d6-4090-bac3-921963219fd3" },
  },
  {
    name: "Example workflow: Get Priority Score of Indicator",
    programmaticName: "example_workflow_get_priority_score_of_indicator",
    uuid: "9f74a987-b8a3-41c9-a0b3-0ba35914a43e",
    objectType: "artifact",
    function: functionPlans.priority,
    before: scripts.valueInput,
    after: scripts.priority,
    rule: { name: "Rule for workflow: Get Priority", uuid: "6e7430f6-e086-4bfe-90f4-c97d69dc6d3d" },
  },
  {
    name: "Example workflow: Whitelist In TruSTAR",
    programmaticName: "example_workflow_whitelist_in_trustar",
    uuid: "84da0ed0-bacb-4598-b92b-7fbd985d39db",
    objectType: "artifact",
    function: functionPlans.whitelist,
    before: scripts.artifactInputs,
    after: scripts.whitelisted,
    rule: { name: "Rule for workflow: Whitelist", uuid: "a0f0f1a9-647a-49e9-9bd8-48f753794c51" },
  },
  {
    name: "Example workflow: Undo Whitelist In TruSTAR",
    programmaticName: "example_workflow_undo_whitelist_in_trustar",
    uuid: "f13b648f-82df-4527-b03c-9d9ef8162d43",
    objectType: "artifact",
    function: functionPlans.undoWhitelist,
    before: scripts.typedArtifactInputs,
    after: scripts.whitelistUndone,
    rule: { name: "Rule for workflow: Undo whitelist", uuid: "1f435e8b-7856-4c63-be2b-346864e9ce00" },
  },
];
