import { z } from "zod";
import type { ReceivedMessage } from "../../src/core/action.js";
import { InputValues } from "./function-inputs.js";

/** What a rule's message says of its incident: a snapshot, and all there is once the incident is deleted. */
export interface IncidentSnapshot {
  readonly id: number;
  readonly workspaceId: number | undefined;
}

export interface ArtifactSnapshot {
  readonly id: number;
  readonly typeId: number | undefined;
  readonly value: string;
  readonly description: string;
}

export type DecodedMessage =
  | {
      readonly kind: "rule";
      /** None when a workflow sent the message. */
      readonly actionId: number | undefined;
      readonly operation: string | undefined;
      readonly incident: IncidentSnapshot | undefined;
      readonly artifact: ArtifactSnapshot | undefined;
    }
  | { readonly kind: "function"; readonly name: string; readonly inputs: InputValues }
  /** Nothing for us; the platform wants no answer. */
  | { readonly kind: "notice" }
  | { readonly kind: "undecodable"; readonly reason: string };

export type RuleMessage = Extract<DecodedMessage, { kind: "rule" }>;
export type FunctionMessage = Extract<DecodedMessage, { kind: "function" }>;

/** An id, or an object that has one: servers send both, by their handle format. */
const handle = z.union([z.number(), z.looseObject({ id: z.number() }).transform(({ id }) => id)]).nullish();

const richText = z
  .union([
    z.string(),
    z.looseObject({ content: z.string().nullish() }).transform(({ content }) => content ?? ""),
  ])
  .nullish()
  .transform((text) => text ?? "");

const incident = z
  .object({ id: z.number().int(), workspace: handle, workspace_id: handle })
  .transform(({ id, workspace, workspace_id }) => ({
    id,
    workspaceId: workspace ?? workspace_id ?? undefined,
  }));

const artifact = z
  .object({ id: z.number(), type: handle, value: z.string().nullish(), description: richText })
  .transform(({ id, type, value, description }) => ({
    id,
    typeId: type ?? undefined,
    value: value ?? "",
    description,
  }));

/** ActionDataDTO. Which object it is about shows in what is there, so `object_type` or `type_id` need not be read. */
const ruleMessage = z.object({
  action_id: z.number().nullish(),
  operation_type: z.string().nullish(),
  incident: incident.nullish(),
  artifact: artifact.nullish(),
});

/** Its values are looked at when they are needed. */
function isRecord(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** FunctionDataDTO. */
const functionMessage = z.object({
  function: z.object({ name: z.string() }),
  inputs: z.custom<Readonly<Record<string, unknown>>>(isRecord).nullish(),
});

/** Names stand in answers and in the log. */
const longestName = 300;

export function decodeMessage({
  payload,
  payloadClass,
}: Pick<ReceivedMessage, "payload" | "payloadClass">): DecodedMessage {
  if (payloadClass === "ConnectorSubscriptionUpdateDTO") return { kind: "notice" };
  if (typeof payload !== "object" || payload === null || Array.isArray(payload)) {
    return { kind: "undecodable", reason: "its body is not an object" };
  }
  return "function" in payload && Boolean(payload.function) ? decodeFunction(payload) : decodeRule(payload);
}

function decodeFunction(payload: object): DecodedMessage {
  const parsed = functionMessage.safeParse(payload);
  if (!parsed.success) return undecodable(parsed.error);
  const { function: called, inputs } = parsed.data;
  return { kind: "function", name: called.name.slice(0, longestName), inputs: new InputValues(inputs ?? {}) };
}

function decodeRule(payload: object): DecodedMessage {
  if (!("action_id" in payload) && !("incident" in payload)) {
    return { kind: "undecodable", reason: "it is neither an action nor a function" };
  }
  const parsed = ruleMessage.safeParse(payload);
  if (!parsed.success) return undecodable(parsed.error);
  const { action_id, operation_type, ...objects } = parsed.data;
  return {
    kind: "rule",
    actionId: action_id ?? undefined,
    operation: operation_type?.slice(0, longestName).toLowerCase(),
    incident: objects.incident ?? undefined,
    artifact: objects.artifact ?? undefined,
  };
}

/** Says where, never what stands there. */
function undecodable(error: z.ZodError): DecodedMessage {
  const [issue] = error.issues;
  return { kind: "undecodable", reason: `"${issue?.path.join(".") ?? ""}" is not as expected` };
}
