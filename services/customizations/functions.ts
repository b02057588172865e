import type { JsonObject } from "../../src/core/action.js";

/** Names and UUIDs are those of the Python app's export: an import updates what its users have, and adds nothing twice. */
const inputUuids = {
  trustar_incident_id: "a7ad52fb-7a6b-433c-b28d-975dfedc608e",
  trustar_artifact_value: "b2155ac1-7b61-4d31-9c00-f7ca5ccbef51",
  trustar_artifact_type: "189fbe6e-a148-4d70-a189-01438f3483c3",
} as const;
type InputName = keyof typeof inputUuids;

export interface FunctionPlan {
  readonly name: string;
  readonly displayName: string;
  readonly uuid: string;
  readonly description: string;
  readonly inputs: readonly InputName[];
}

export const functionPlans = {
  submit: {
    name: "submit_report_to_trustar",
    displayName: "Submit / Update Report to TruSTAR",
    uuid: "e72bf252-f78a-46fe-9fd5-04a2d4176759",
    description: "Submits the incident to TruSTAR as a report, or updates the report that is there.",
    inputs: ["trustar_incident_id"],
  },
  remove: {
    name: "delete_report_in_trustar",
    displayName: "Delete Report In TruSTAR",
    uuid: "41939d31-c814-46c6-a528-035110e0cac3",
    description: "Deletes the incident's report from TruSTAR.",
    inputs: ["trustar_incident_id"],
  },
  priority: {
    name: "get_priority_score_of_indicator",
    displayName: "Get Priority Score of Indicator",
    uuid: "38e10f8c-43df-4d12-b8e8-81542821ae4e",
    description: "Tells the priority (LOW, MEDIUM, HIGH or NOT_FOUND) that TruSTAR gives to a value.",
    inputs: ["trustar_artifact_value"],
  },
  correlated: {
    name: "get_correlated_indicators_from_trustar",
    displayName: "Get Correlated Indicators from TruSTAR",
    uuid: "a63f5088-60d6-466f-9502-92278b1e0473",
    description: "Lists indicators that TruSTAR has seen together with those of the incident's report.",
    inputs: ["trustar_incident_id"],
  },
  whitelist: {
    name: "whitelist_in_trustar",
    displayName: "Whitelist In TruSTAR",
    uuid: "c3e40f08-76b4-4b4e-b549-6ebd84825de1",
    description: "Puts an artifact's value on the company's whitelist in TruSTAR.",
    inputs: ["trustar_incident_id", "trustar_artifact_value"],
  },
  undoWhitelist: {
    name: "undo_whitelist_in_trustar",
    displayName: "Undo Whitelist In TruSTAR",
    uuid: "62a9b9da-5983-4708-acf0-fb3c77648ccd",
    description: "Takes an artifact's value off the company's whitelist in TruSTAR.",
    inputs: ["trustar_artifact_value", "trustar_incident_id", "trustar_artifact_type"],
  },
} as const satisfies Readonly<Record<string, FunctionPlan>>;

export function functionBodies(queue: string): readonly JsonObject[] {
  return Object.values<FunctionPlan>(functionPlans).map(
    ({ name, displayName, uuid, description, inputs }) => ({
      name,
      display_name: displayName,
      export_key: name,
      uuid,
      version: 1,
      destination_handle: queue,
      description: { format: "text", content: description },
      view_items: inputs.map((input) => ({
        element: "field_uuid",
        field_type: "__function",
        content: inputUuids[input],
        show_if: null,
        show_link_header: false,
        step_label: null,
      })),
      workflows: [],
      tags: [],
    }),
  );
}

const tooltips: Readonly<Record<InputName, string>> = {
  trustar_incident_id: "Id of the incident; its workspace chooses the TruSTAR account.",
  trustar_artifact_value: "Value of the artifact.",
  trustar_artifact_type: "Type of the artifact, as Resilient shows it.",
};

/** The functions' inputs, as fields of the type `__function` (11). */
export function inputBodies(): readonly JsonObject[] {
  const names = Object.keys(inputUuids) as InputName[];
  return names.map((name) => ({
    ...fieldDefaults,
    name,
    text: name,
    export_key: `__function/${name}`,
    type_id: 11,
    uuid: inputUuids[name],
    input_type: name === "trustar_incident_id" ? "number" : "text",
    required: "always",
    tooltip: tooltips[name],
  }));
}

export const fieldDefaults = {
  id: 0,
  prefix: null,
  placeholder: "",
  values: [],
  templates: [],
  internal: false,
  read_only: false,
  changeable: true,
  chosen: false,
  blank_option: false,
  rich_text: false,
  hide_notification: false,
  default_chosen_by_server: false,
  allow_default_value: false,
  calculated: false,
  deprecated: false,
  is_tracked: false,
  operations: [],
  operation_perms: {},
  tags: [],
} as const satisfies JsonObject;
