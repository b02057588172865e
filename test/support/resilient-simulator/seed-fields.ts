import { stableUuid } from "./stable-uuid.js";
import type { Wire } from "./wire.js";

export interface FieldValue extends Wire {
  value: number | string;
  label: string;
}

export interface FieldRecord extends Wire {
  id: number;
  name: string;
  prefix: string | null;
  type_id: number;
  input_type: string;
  values: FieldValue[];
}

type Labels = readonly (readonly [number | string, string])[];

export function newField(
  typeId: number,
  name: string,
  inputType: string,
  own: Wire = {},
  labels: Labels = [],
): FieldRecord {
  return {
    id: 0,
    name,
    text: name.replaceAll("_", " "),
    prefix: null,
    type_id: typeId,
    input_type: inputType,
    uuid: stableUuid(`field ${typeId} ${name}`),
    values: labels.map(([value, label]) => newValue(value, label)),
    operations: [],
    operation_perms: {},
    tooltip: "",
    placeholder: "",
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
    is_tracked: false,
    deprecated: false,
    templates: [],
    tags: [],
    ...own,
  };
}

export function newValue(value: number | string, label: string): FieldValue {
  return {
    value,
    label,
    enabled: true,
    default: false,
    hidden: false,
    properties: null,
    uuid: stableUuid(`value ${value} ${label}`),
  };
}

export const severities: Labels = [
  [50, "Low"],
  [51, "Medium"],
  [52, "High"],
];

export const resolutions: Labels = [
  [53, "Unresolved"],
  [54, "Duplicate"],
  [55, "Not an Issue"],
  [56, "Resolved"],
];

export const phases: Labels = [
  [1004, "Initial"],
  [1003, "Engage"],
  [1005, "Detect/Analyze"],
  [1002, "Respond"],
  [1000, "Post-Incident"],
  [1001, "Complete"],
];

export const states: Labels = [
  [1, "Alabama"],
  [5, "California"],
  [22, "Massachusetts"],
];

export const incidentTypes: Labels = [
  [16, "TBD / Unknown"],
  [17, "Communication error (fax; email)"],
  [18, "Other"],
  [19, "Malware"],
  [20, "System Intrusion"],
  [21, "Denial of Service"],
  [22, "Phishing"],
  [23, "Not an Issue"],
];

export const workspaces = [
  { id: 1, name: "default_workspace", display_name: "Default workspace", is_default: true },
  { id: 2, name: "soc_east", display_name: "SOC East", is_default: false },
  { id: 3, name: "soc_west", display_name: "SOC West", is_default: false },
] as const;

/** The fields of incidents that matter here, with the platform's input types. */
export function seedIncidentFields(): FieldRecord[] {
  const field = (name: string, inputType: string, own: Wire = {}, labels: Labels = []): FieldRecord =>
    newField(0, name, inputType, own, labels);
  const pii = { prefix: "pii" };
  return [
    field("id", "number", { read_only: true }),
    field("name", "text", { required: "always" }),
    field("description", "textarea", { rich_text: true }),
    field("discovered_date", "datetimepicker", { required: "always" }),
    field("create_date", "datetimepicker", { read_only: true }),
    field("inc_start", "datetimepicker"),
    field("start_date", "datetimepicker"),
    field("end_date", "datetimepicker", { read_only: true }),
    field("plan_status", "select", {}, [
      ["A", "Active"],
      ["C", "Closed"],
    ]),
    field("phase_id", "select", { read_only: true }, phases),
    field("severity_code", "select", {}, severities),
    field("incident_type_ids", "multiselect", {}, incidentTypes),
    field("resolution_id", "select", { required: "close" }, resolutions),
    field("resolution_summary", "textarea", { required: "close", rich_text: true }),
    field(
      "workspace",
      "select",
      {},
      workspaces.map(({ id, display_name }) => [id, display_name] as const),
    ),
    field("data_compromised", "boolean", pii),
    field("data_encrypted", "boolean", pii),
    field("data_format", "select", pii, [
      [0, "Electronic"],
      [1, "Paper"],
      [2, "Verbal"],
    ]),
    field("data_source_ids", "multiselect", pii, [[100, "Mail server"]]),
    field("harmstatus_id", "select", pii, [
      [1, "No"],
      [2, "Unknown"],
      [3, "Yes"],
    ]),
    field("exposure", "number", pii),
    field("gdpr_harm_risk", "select", pii, [
      [57, "Low Risk"],
      [58, "Risk"],
      [59, "High Risk"],
    ]),
    field("addr", "text"),
    field("city", "text"),
    field("state", "select", {}, states),
    field("tlp", "select", { prefix: "properties", text: "TLP" }, [
      [2001, "TLP:CLEAR"],
      [2002, "TLP:GREEN"],
      [2003, "TLP:AMBER"],
      [2004, "TLP:RED"],
    ]),
  ];
}

export function seedFunctionFields(): FieldRecord[] {
  const input = (name: string, inputType: string): FieldRecord =>
    newField(11, name, inputType, { required: "always", export_key: `__function/${name}` });
  return [
    input("trustar_incident_id", "number"),
    input("trustar_artifact_value", "text"),
    input("trustar_artifact_type", "text"),
  ];
}
