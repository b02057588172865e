import type { JsonObject } from "../../src/core/action.js";
import type { Customization, Kind } from "./customization.js";
import { workflowContent } from "./workflow-content.js";

/** A property that the worker depends on, in a form in which equal means equal. */
type Aspect = readonly [name: string, of: (body: JsonObject) => unknown];

const plain = (name: string, property: string): Aspect => [name, (body) => body[property] ?? null];
const names = (name: string, property: string): Aspect => [
  name,
  (body) => [...listOf(body, property)].sort(),
];

/**
 * What is compared, of what stays an administrator's own: texts for people, whether a rule is enabled, a rule's
 * time limit, and how a workflow is drawn.
 */
const aspects: Readonly<Record<Kind, readonly Aspect[]>> = {
  message_destinations: [plain("kind", "destination_type"), plain("expect_ack", "expect_ack")],
  fields: [plain("kind of input", "input_type")],
  functions: [plain("message destination", "destination_handle"), ["inputs", inputsOf]],
  incident_artifact_types: [plain("files", "file")],
  workflows: [
    plain("object", "object_type"),
    ["steps", (body) => workflowContent(body).steps],
    ["scripts", (body) => workflowContent(body).functions],
  ],
  actions: [
    plain("kind", "type"),
    plain("object", "object_type"),
    ["conditions", conditionsOf],
    names("message destinations", "message_destinations"),
    names("workflows", "workflows"),
    ["automations", (body) => listOf(body, "automations")],
    ["activity fields", (body) => listOf(body, "view_items")],
  ],
};

/** In which respects an object of the server is not as ours; in words for people. */
export function differences({ kind, body }: Customization, existing: JsonObject): readonly string[] {
  return aspects[kind]
    .filter(([, of]) => JSON.stringify(of(body)) !== JSON.stringify(of(existing)))
    .map(([name]) => name);
}

function inputsOf(body: JsonObject): unknown {
  return listOf(body, "view_items")
    .map((item) => (isObject(item) ? item["content"] : item))
    .sort();
}

/** The order of conditions means something only in an advanced combination. */
function conditionsOf(body: JsonObject): unknown {
  const logic = body["logic_type"] ?? "all";
  const conditions = listOf(body, "conditions").map((one) => {
    const { field_name = null, method = null, value = null, evaluation_id = null } = isObject(one) ? one : {};
    return JSON.stringify([field_name, method, value, logic === "advanced" ? evaluation_id : null]);
  });
  return { logic, custom: body["custom_condition"] ?? null, conditions: conditions.sort() };
}

function listOf(body: JsonObject, name: string): readonly unknown[] {
  const list = body[name];
  return Array.isArray(list) ? list : [];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
