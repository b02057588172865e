import { stableUuid } from "./stable-uuid.js";
import { asText, type Wire } from "./wire.js";

export interface Condition extends Wire {
  field_name: string | null;
  method: string;
  value: unknown;
}

export interface RuleRecord extends Wire {
  id: number;
  name: string;
  /** 0 automatic, 1 menu item. */
  type: number;
  object_type: number;
  logic_type: string;
  conditions: Condition[];
  /** Ids. */
  message_destinations: number[];
  /** Programmatic names. */
  workflows: string[];
  enabled: boolean;
}

export interface FunctionRecord extends Wire {
  id: number;
  name: string;
  display_name: string;
  uuid: string;
  /** Programmatic name. */
  destination_handle: string;
}

export interface DestinationRecord extends Wire {
  id: number;
  name: string;
  programmatic_name: string;
  expect_ack: boolean;
  users: number[];
  api_keys: number[];
}

export interface WorkflowRecord extends Wire {
  workflow_id: number;
  name: string;
  programmatic_name: string;
  object_type: string;
  content: Wire;
}

export const objectTypes: Readonly<Record<string, number>> = {
  incident: 0,
  task: 1,
  note: 2,
  milestone: 3,
  artifact: 4,
  attachment: 5,
};

export function newRule(id: number, name: string, own: Wire): RuleRecord {
  return {
    id,
    name,
    export_key: name,
    uuid: stableUuid(`rule ${name}`),
    type: 0,
    object_type: 0,
    logic_type: "all",
    conditions: [],
    automations: [],
    message_destinations: [],
    workflows: [],
    view_items: [],
    timeout_seconds: 86_400,
    enabled: true,
    tags: [],
    ...own,
  };
}

export function newDestination(id: number, programmaticName: string, own: Wire = {}): DestinationRecord {
  return {
    id,
    name: programmaticName,
    programmatic_name: programmaticName,
    export_key: programmaticName,
    uuid: stableUuid(`destination ${programmaticName}`),
    destination_type: 0,
    expect_ack: true,
    users: [],
    api_keys: [],
    tags: [],
    ...own,
  };
}

const added: Condition = {
  field_name: null,
  method: "object_added",
  value: null,
  type: null,
  evaluation_id: null,
};
const removed: Condition = { ...added, method: "object_removed" };
const statusChanged: Condition = { ...added, field_name: "incident.plan_status", method: "changed" };
const notOurs: Condition = {
  ...added,
  field_name: "artifact.description",
  method: "not_equals",
  value: "TruSTAR Correlated Indicator",
};

/** The app's rules, as its users have them installed. */
export function seedRules(destinationId: number): RuleRecord[] {
  const { incident, artifact } = objectTypes as { incident: number; artifact: number };
  const to = { message_destinations: [destinationId] };
  const menu = { type: 1 };
  const flow = (workflow: string): Wire => ({ ...menu, workflows: [workflow] });
  const rules: readonly (readonly [string, Wire])[] = [
    ["CaseCreated", { ...to, conditions: [added] }],
    ["UpdateIncident", { ...to, conditions: [statusChanged] }],
    ["ArtifactCreated", { ...to, object_type: artifact, conditions: [notOurs, added] }],
    ["Incident Deleted", { ...to, conditions: [removed] }],
    ["Send To TruSTAR", { ...to, ...menu }],
    ["Whitelist in TruSTAR", { ...to, ...menu, object_type: artifact }],
    ["Undo Whitelist in TruSTAR", { ...to, ...menu, object_type: artifact }],
    ["Rule for workflow: Submit Report", flow("example_workflow_submitupdate_report_to_trustar")],
    ["Rule for workflow: Delete Report", flow("example_workflow_delete_report_in_trustar")],
    ["Rule for workflow: Correlated Indicators", flow("example_workflow_get_correlated_indicators")],
    [
      "Rule for workflow: Get Priority",
      { ...flow("example_workflow_get_priority_score_of_indicator"), object_type: artifact },
    ],
    [
      "Rule for workflow: Whitelist",
      { ...flow("example_workflow_whitelist_in_trustar"), object_type: artifact },
    ],
    [
      "Rule for workflow: Undo whitelist",
      { ...flow("example_workflow_undo_whitelist_in_trustar"), object_type: artifact },
    ],
  ];
  return rules.map(([name, own], index) => newRule(19 + index, name, { object_type: incident, ...own }));
}

export function newFunction(id: number, name: string, own: Wire): FunctionRecord {
  return {
    id,
    name,
    display_name: asText(own["display_name"]) || name,
    export_key: name,
    uuid: stableUuid(`function ${name}`),
    version: 1,
    description: { format: "text", content: "" },
    destination_handle: "trustar",
    view_items: [],
    workflows: [],
    creator: { id: 1, type: "user", name: "admin@example.com", display_name: "Admin" },
    last_modified_by: { id: 1, type: "user", name: "admin@example.com", display_name: "Admin" },
    last_modified_time: 1_518_304_787_877,
    tags: [],
    ...own,
  };
}
