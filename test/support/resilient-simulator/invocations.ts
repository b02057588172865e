import { asText, asWire, isWire, type Wire } from "./wire.js";

export interface Reply {
  /** 0 information, 1 error. */
  readonly messageType: number;
  readonly message: string;
  readonly complete: boolean;
  readonly results: Wire | undefined;
}

/** One line of Actions > Action Status. */
export interface Invocation {
  readonly id: number;
  readonly correlationId: string;
  /** The rule, or the function that a workflow called. */
  readonly name: string;
  readonly kind: "action" | "function";
  readonly incidentId: number | undefined;
  readonly objectId: number | undefined;
  readonly workflowInstanceId: number | undefined;
  status: "pending" | "complete" | "error";
  readonly replies: Reply[];
}

export type NewInvocation = Pick<
  Invocation,
  "name" | "kind" | "incidentId" | "objectId" | "workflowInstanceId"
> & {
  readonly expectAck: boolean;
};

/** What was sent out and what came back for it. */
export class Invocations {
  readonly #all: Invocation[] = [];
  #lastId = 151;

  get all(): readonly Invocation[] {
    return this.#all;
  }

  open({ expectAck, ...facts }: NewInvocation): Invocation {
    const id = ++this.#lastId;
    const status = expectAck ? "pending" : "complete";
    const invocation: Invocation = { id, correlationId: `invid:${id}`, status, replies: [], ...facts };
    this.#all.push(invocation);
    return invocation;
  }

  /** @returns the invocation that this reply finished, if it did. */
  record(correlationId: string, body: string | Wire, complete = true): Invocation | undefined {
    const invocation = this.#all.find((one) => one.correlationId === correlationId);
    if (invocation === undefined) return undefined;
    const reply = parseReply(body, complete);
    invocation.replies.push(reply);
    if (!reply.complete || invocation.status !== "pending") return undefined;
    invocation.status = reply.messageType === 1 ? "error" : "complete";
    return invocation;
  }
}

/** JSON, or plain text, which is a success whose header said whether it is the last word. */
function parseReply(body: string | Wire, complete: boolean): Reply {
  const parsed = typeof body === "string" ? parseJson(body) : body;
  if (!isWire(parsed)) return { messageType: 0, message: asText(body), complete, results: undefined };
  return {
    messageType: parsed["message_type"] === 1 ? 1 : 0,
    message: asText(parsed["message"]),
    complete: parsed["complete"] !== false,
    results: parsed["results"] === undefined ? undefined : asWire(parsed["results"]),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** ActionInvocationDTO, as far as anybody looks at it. */
export function invocationDto(invocation: Invocation): Wire {
  const statuses = { complete: 0, pending: 1, error: 2 } as const;
  return {
    id: invocation.id,
    action_name: invocation.name,
    correlation_id: invocation.correlationId,
    kind: invocation.kind,
    incident_id: invocation.incidentId ?? null,
    object_id: invocation.objectId ?? null,
    status: statuses[invocation.status],
    status_name: invocation.status,
    messages: invocation.replies.map((reply) => ({
      type: reply.messageType,
      message: reply.message,
      complete: reply.complete,
      results: reply.results ?? null,
    })),
  };
}
