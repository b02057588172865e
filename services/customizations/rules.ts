import type { JsonObject } from "../../src/core/action.js";
import { workflowPlans } from "./workflow-plans.js";

interface RulePlan {
  readonly name: string;
  readonly uuid: string;
  readonly on: "incident" | "artifact";
  /** Absent = a menu item that an analyst chooses. */
  readonly when?: readonly JsonObject[];
  /** Absent = the rule goes to the message destination. */
  readonly workflow?: string;
}

const condition = (method: string, field_name: string | null = null, value: string | null = null) => ({
  field_name,
  method,
  value,
  type: null,
  evaluation_id: null,
});

const rulePlans: readonly RulePlan[] = [
  {
    name: "CaseCreated",
    uuid: "92b84da8-80a4-4853-b24a-f891a22040c6",
    on: "incident",
    when: [condition("object_added")],
  },
  {
    name: "UpdateIncident",
    uuid: "51db3e35-a118-4cab-aa2b-df492f9cc5a5",
    on: "incident",
    when: [condition("changed", "incident.plan_status")],
  },
  {
    name: "ArtifactCreated",
    uuid: "35992b86-19e2-4a86-aa87-22fdb3f54eb8",
    on: "artifact",
    when: [
      condition("not_equals", "artifact.description", "TruSTAR Correlated Indicator"),
      condition("object_added"),
    ],
  },
  {
    name: "Incident Deleted",
    uuid: "384b0f30-739a-4695-abb1-833268aeda09",
    on: "incident",
    when: [condition("object_removed")],
  },
  { name: "Send To TruSTAR", uuid: "fc1e6d26-8e7f-418d-83d1-90dd7e7dbec8", on: "incident" },
  { name: "Whitelist in TruSTAR", uuid: "891fd3da-68eb-4111-af78-7c7f3ca8276e", on: "artifact" },
  { name: "Undo Whitelist in TruSTAR", uuid: "1059fdf2-500c-4d36-b45f-35afeee6f816", on: "artifact" },
  ...workflowPlans.map(({ rule, objectType, programmaticName }) => ({
    ...rule,
    on: objectType,
    workflow: programmaticName,
  })),
];

const timeoutSecs = 86_400;

export function ruleBodies(queue: string): readonly JsonObject[] {
  return rulePlans.map(({ name, uuid, on, when, workflow }) => ({
    name,
    export_key: name,
    uuid,
    id: 0,
    type: when === undefined ? 1 : 0,
    object_type: on,
    logic_type: "all",
    conditions: when ?? [],
    automations: [],
    message_destinations: workflow === undefined ? [queue] : [],
    workflows: workflow === undefined ? [] : [workflow],
    view_items: [],
    timeout_seconds: timeoutSecs,
    enabled: true,
    tags: [],
  }));
}
