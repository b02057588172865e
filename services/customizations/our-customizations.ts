import type { JsonObject } from "../../src/core/action.js";
import { uuid5 } from "../../src/core/uuid5.js";
import { bpmnOf, documentationOf } from "./bpmn.js";
import type { Customization, Kind } from "./customization.js";
import { functionBodies, inputBodies } from "./functions.js";
import { ruleBodies } from "./rules.js";
import { workflowPlans } from "./workflow-plans.js";

/**
 * Everything that Resilient needs for the worker.
 * @param queue programmatic name of the message destination
 */
export function ourCustomizations(queue: string): readonly Customization[] {
  const all = (kind: Kind, bodies: readonly JsonObject[]): Customization[] =>
    bodies.map((body) => ({ kind, body }));
  return [
    ...all("message_destinations", [destination(queue)]),
    ...all("fields", inputBodies()),
    ...all("functions", functionBodies(queue)),
    ...all("incident_artifact_types", [urlString]),
    ...all("workflows", workflowBodies()),
    ...all("actions", ruleBodies(queue)),
  ];
}

const legacyQueue = { name: "trustar", uuid: "9051a5ba-9f6c-4259-951d-f3a98850093f" } as const;

function destination(queue: string): JsonObject {
  return {
    name: queue,
    programmatic_name: queue,
    export_key: queue,
    destination_type: 0,
    expect_ack: true,
    users: [],
    api_keys: [],
    uuid:
      queue === legacyQueue.name
        ? legacyQueue.uuid
        : uuid5(Buffer.from(legacyQueue.uuid.replaceAll("-", ""), "hex"), queue),
    tags: [],
  };
}

/** For URLs that the platform's own type refuses. */
const urlString: JsonObject = {
  name: "URL String",
  programmatic_name: "url_string",
  export_key: "url_string",
  desc: "A URL from TruSTAR that Resilient does not take as URL.",
  enabled: true,
  file: false,
  multi_aware: false,
  parse_as_csv: false,
  reg_exp: null,
  split_on: null,
  system: false,
  use_for_relationships: true,
  default_scan_option: "unsupported",
  id: 0,
  version: 0,
  uuid: "d24e2dae-a59a-4c70-8e9e-d2a9bceaaa23",
  tags: [],
};

function workflowBodies(): readonly JsonObject[] {
  return workflowPlans.map((plan) => ({
    workflow_id: 0,
    name: plan.name,
    programmatic_name: plan.programmaticName,
    export_key: plan.programmaticName,
    object_type: plan.objectType,
    description: documentationOf(plan),
    content: { workflow_id: plan.programmaticName, version: 1, xml: bpmnOf(plan) },
    content_version: 1,
    uuid: plan.uuid,
    actions: [],
    tags: [],
  }));
}
