import type { ChangeEvent } from "./conditions.js";
import { issueContextToken } from "./context-token.js";
import { principalDto } from "./incident-dto.js";
import { objectTypes, type FunctionRecord } from "./seed-rules.js";
import { asWire, type Wire } from "./wire.js";
import type { PrincipalRecord, World } from "./world.js";

/** What goes to the broker. The broker adds message-id, subscription and ack. */
export interface PlatformMessage {
  /** `actions.<org>.<queue>`. */
  readonly destination: string;
  readonly headers: Readonly<Record<string, string>>;
  /** UTF-8 JSON. */
  readonly body: string;
}

export interface Envelope {
  readonly queue: string;
  readonly correlationId: string;
  readonly payload: "ActionDataDTO" | "FunctionDataDTO";
  readonly ruleIds: readonly number[];
  readonly body: Wire;
}

export function toMessage(world: World, envelope: Envelope, nowMs: number): PlatformMessage {
  const { queue, correlationId, payload } = envelope;
  return {
    destination: `actions.${world.orgId}.${queue}`,
    headers: {
      "reply-to": `/queue/acks.${world.orgId}.${queue}`,
      "correlation-id": correlationId,
      Co3MessagePayload: payload,
      Co3ContentType: "application/json",
      Co3ContextToken: issueContextToken(envelope.ruleIds, nowMs),
      timestamp: String(nowMs),
      expires: "0",
      persistent: "true",
      priority: "4",
    },
    body: JSON.stringify(envelope.body),
  };
}

export type Occasion = Pick<ChangeEvent, "objectType" | "operation" | "incident" | "object" | "by">;

/** ActionDataDTO: the whole incident with ids, the object itself, and the labels of the ids. */
export function actionData(world: World, ruleId: number, occasion: Occasion, automatic: boolean): Wire {
  const { objectType, operation, incident, object, by } = occasion;
  const data: Wire = {
    action_id: ruleId,
    object_type: objectTypes[objectType],
    operation_type: operation,
    incident,
    task: null,
    artifact: null,
    note: null,
    milestone: null,
    attachment: null,
    row: null,
    user: by.kind === "user" ? userDto(by) : null,
    principal: principalDto(by),
    properties: automatic ? null : {},
    workflow_instance: null,
    type_info: typeInfo(world),
  };
  if (objectType !== "incident") data[objectType] = object;
  return data;
}

export interface FunctionCall {
  readonly fn: FunctionRecord;
  readonly inputs: Wire;
  readonly by: PrincipalRecord;
  readonly workflow: Wire | null;
  readonly workflowInstanceId: number;
}

/** FunctionDataDTO: only the inputs, no incident. */
export function functionData(call: FunctionCall): Wire {
  const { fn, inputs, by, workflow, workflowInstanceId } = call;
  const { id, name, display_name, uuid, description, creator, version, tags, view_items } = fn;
  return {
    function: { id, name, display_name, uuid, description, creator, version, tags, view_items },
    inputs,
    workflow,
    workflow_instance: { workflow_instance_id: workflowInstanceId, workflow: workflow ?? null },
    playbook_instance: null,
    principal: principalDto(by),
    groups: [],
    user: by.kind === "user" ? userDto(by) : null,
  };
}

export function userDto(user: PrincipalRecord): Wire {
  const [fname = "", lname = ""] = user.displayName.split(" ");
  const blank = { title: null, phone: null, cell: null, notes: null, locked: false, is_external: false };
  return {
    id: user.id,
    fname,
    lname,
    display_name: user.displayName,
    email: user.login,
    status: "A",
    ...blank,
  };
}

function typeInfo(world: World): Wire {
  const fields = (world.fields.get("incident") ?? []).map((field) => [
    field.name,
    { id: field.id, values: byId(field.values.map((value) => [value.value, value])) },
  ]);
  const types = world.artifactTypes.map(
    (type) => [type.id, { value: type.id, label: type.name, enabled: true, default: false }] as const,
  );
  return {
    incident: { type_id: 0, fields: asWire(Object.fromEntries(fields)) },
    artifact: { type_id: 4, fields: { type: { values: byId(types) } } },
  };
}

function byId(entries: readonly (readonly [number | string, unknown])[]): Wire {
  return Object.fromEntries(entries.map(([id, value]) => [String(id), value]));
}
