import type { JsonObject } from "../../src/core/action.js";

/** Lists of a configuration export that hold objects of ours; what is referred to stands before what refers to it. */
export const kinds = [
  "message_destinations",
  "fields",
  "functions",
  "incident_artifact_types",
  "workflows",
  "actions",
] as const;
export type Kind = (typeof kinds)[number];

/** One object as exports and imports hold it (references by programmatic name and UUID, never by id). */
export interface Customization {
  readonly kind: Kind;
  readonly body: JsonObject;
}

/** What the platform tells objects of one kind apart by. */
const keyFields: Readonly<Record<Kind, string>> = {
  message_destinations: "programmatic_name",
  fields: "export_key",
  functions: "name",
  incident_artifact_types: "programmatic_name",
  workflows: "programmatic_name",
  actions: "name",
};

const words: Readonly<Record<Kind, string>> = {
  message_destinations: "message destination",
  fields: "function input",
  functions: "function",
  incident_artifact_types: "artifact type",
  workflows: "workflow",
  actions: "rule",
};

export function keyOf({ kind, body }: Customization): string {
  return textOf(body, keyFields[kind]);
}

/** For people: `rule "CaseCreated"`. */
export function titleOf({ kind, body }: Customization): string {
  return `${words[kind]} "${textOf(body, "name")}"`;
}

export function textOf(body: JsonObject, name: string): string {
  const value = body[name];
  return typeof value === "string" ? value : "";
}
