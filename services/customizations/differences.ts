import type { JsonObject } from "../../src/core/action.js";
import type { Customization, Kind } from "./customization.js";
import { workflowContent } from "./workflow-content.js";

/**
 * Whether the worker can do without: "same" = it needs what we bring, "at least" = that among others, "own" = an
 * administrator may have it otherwise.
 */
type Need = "same" | "at least" | "own";

/** A property in a form in which equal means equal. */
interface Aspect {
  /** In words for people. */
  readonly name: string;
  /** What the server has to tell: what it leaves out is not compared. */
  readonly property: string;
  readonly need: Need;
  readonly of: (body: JsonObject) => unknown;
}

const plain = (name: string, property: string, need: Need = "same"): Aspect => ({
  name,
  property,
  need,
  of: (body) => body[property] ?? null,
});
const names = (name: string, property: string): Aspect => ({
  name,
  property,
  need: "at least",
  of: (body) => [...listOf(body, property)].sort(),
});
/** The worker follows it wherever it is moved to; it has to be somewhere. */
const some = (name: string, property: string, of: Aspect["of"]): Aspect => ({
  name,
  property,
  need: "same",
  of,
});
const own = (name: string, property: string, of: Aspect["of"]): Aspect => ({
  name,
  property,
  need: "own",
  of,
});

/**
 * What is compared, of what stays an administrator's own: texts for people, whether a rule is enabled, a rule's
 * time limit, and how a workflow is drawn.
 */
const aspects: Readonly<Record<Kind, readonly Aspect[]>> = {
  message_destinations: [plain("kind", "destination_type"), plain("expect_ack", "expect_ack", "own")],
  fields: [plain("kind of input", "input_type")],
  functions: [
    plain("message destination", "destination_handle", "own"),
    some("message destination", "destination_handle", (body) => body["destination_handle"] != null),
    { name: "inputs", property: "view_items", need: "at least", of: inputsOf },
  ],
  incident_artifact_types: [plain("files", "file")],
  workflows: [
    plain("object", "object_type", "own"),
    {
      name: "functions",
      property: "content",
      need: "at least",
      of: (body) =>
        workflowContent(body)
          .functions.map(({ uuid }) => uuid)
          .sort(),
    },
    own("steps", "content", (body) => workflowContent(body).steps),
    own("scripts", "content", (body) => workflowContent(body).functions),
  ],
  actions: [
    plain("kind", "type", "own"),
    plain("object", "object_type"),
    own("conditions", "conditions", conditionsOf),
    own("message destinations", "message_destinations", (body) =>
      [...listOf(body, "message_destinations")].sort(),
    ),
    some(
      "message destinations",
      "message_destinations",
      (body) => listOf(body, "message_destinations").length > 0,
    ),
    names("workflows", "workflows"),
    own("automations", "automations", (body) => listOf(body, "automations")),
    own("activity fields", "view_items", (body) => listOf(body, "view_items")),
  ],
};

/** In which respects an object of the server is not as ours; in words for people. */
export function differences(one: Customization, existing: JsonObject): readonly string[] {
  return [...new Set(differing(one, existing).map(({ name }) => name))];
}

/** Those of the differences with which the worker can't do its work. */
export function hindrances(one: Customization, existing: JsonObject): readonly string[] {
  return differing(one, existing)
    .filter(({ need, of }) => need === "same" || (need === "at least" && !holds(of(existing), of(one.body))))
    .map(({ name }) => name);
}

function differing({ kind, body }: Customization, existing: JsonObject): readonly Aspect[] {
  return aspects[kind].filter(
    ({ property, of }) =>
      existing[property] !== undefined && JSON.stringify(of(body)) !== JSON.stringify(of(existing)),
  );
}

function holds(theirs: unknown, ours: unknown): boolean {
  return Array.isArray(theirs) && Array.isArray(ours) && ours.every((one) => theirs.includes(one));
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
