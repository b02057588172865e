import type { JsonValue } from "../../src/core/artifact.js";
import type { JsonObject } from "../../src/core/action.js";
import { kinds, type Customization, type Kind } from "./customization.js";
import { fieldDefaults } from "./functions.js";

/** A server takes files of its own version and of older ones; scripts in Python 3 came with this one. */
export const oldestServer = { major: 38, minor: 2, build_number: 0, version: "38.2.0" } as const;

const uuidOfInternals = "bfeec2d4-3770-11e8-ad39-4a0004044aa";

/** An import is refused without one incident type and one incident field; these are the ones that apps bring for that. */
function internals(nowMs: number): { readonly type: JsonObject; readonly field: JsonObject } {
  const name = "Customization Packages (internal)";
  return {
    type: {
      name,
      export_key: name,
      description: name,
      id: 0,
      uuid: `${uuidOfInternals}0`,
      enabled: false,
      hidden: false,
      system: false,
      parent_id: null,
      create_date: nowMs,
      update_date: nowMs,
    },
    field: {
      ...fieldDefaults,
      name: "internal_customizations_field",
      text: "Customizations Field (internal)",
      export_key: "incident/internal_customizations_field",
      type_id: 0,
      input_type: "text",
      uuid: `${uuidOfInternals}1`,
      internal: true,
      read_only: true,
      tooltip: "",
    },
  };
}

const emptyLists = [
  "action_order",
  "apps",
  "automatic_tasks",
  "inbound_destinations",
  "layouts",
  "overrides",
  "phases",
  "playbooks",
  "roles",
  "scripts",
  "tags",
  "task_order",
  "types",
  "workspaces",
] as const;
const nulls = [
  "geos",
  "groups",
  "inbound_mailboxes",
  "industries",
  "locale",
  "notifications",
  "regulators",
  "timeframes",
] as const;

/** A configuration file as the platform exports and imports it: the content of a `.res`. */
export function toConfiguration(
  customizations: readonly Customization[],
  serverVersion: JsonObject,
  nowMs: number,
): JsonObject {
  const { type, field } = internals(nowMs);
  const bodies = (kind: Kind): JsonObject[] =>
    customizations.filter((one) => one.kind === kind).map(({ body }) => cleaned(body));
  const lists = Object.fromEntries(kinds.map((kind) => [kind, bodies(kind)]));
  return {
    ...Object.fromEntries(emptyLists.map((name) => [name, []])),
    ...Object.fromEntries(nulls.map((name) => [name, null])),
    ...lists,
    fields: [field, ...bodies("fields")],
    incident_types: [type],
    export_date: nowMs,
    export_format_version: 2,
    export_type: null,
    id: 1,
    server_version: serverVersion,
  };
}

/** Tags and people belong to the server that they come from. */
function cleaned(body: JsonObject): JsonObject {
  const entries = Object.entries(body).filter(([name]) => name !== "creator" && name !== "creator_id");
  return Object.fromEntries(
    entries.map(([name, value]) => [
      name,
      name === "tags" && Array.isArray(value) ? [] : cleanedValue(value),
    ]),
  );
}

function cleanedValue(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map(cleanedValue);
  return typeof value === "object" && value !== null ? cleaned(value as JsonObject) : value;
}
