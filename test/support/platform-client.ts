import type { BrokerUser } from "./broker-users.js";
import { RawStompClient } from "./raw-stomp-client.js";
import { type PlatformReply, ReplyLog } from "./reply-log.js";
import type { WireFrame } from "./stomp-broker/wire.js";

export type { PlatformReply } from "./reply-log.js";

/** A message as the platform puts it on a destination's queue. */
export interface PlatformMessage {
  /** `actions.201.trustar`. */
  readonly queue: string;
  readonly body: unknown;
  readonly correlationId: string;
  readonly replyTo?: string | undefined;
  readonly payloadClass?: string | undefined;
  readonly contextToken?: string | undefined;
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined;
}

/** `actions.201.trustar` → `acks.201.trustar`. */
export function replyQueueOf(queue: string): string {
  return queue.replace(/^actions\./, "acks.");
}

/** The platform's side of the broker: posts messages, reads the answers. */
export class PlatformClient {
  readonly #client: RawStompClient;
  readonly #log: ReplyLog;

  private constructor(client: RawStompClient, log: ReplyLog) {
    this.#client = client;
    this.#log = log;
    client.onFrame((frame) => {
      if (frame.command !== "MESSAGE") return false;
      log.add(readReply(frame));
      // Only now: what a dying broker sent in vain, it sends again.
      client.send("ACK", { id: frame.headers["ack"] });
      return true;
    });
  }

  /** @param log goes on with the answers of an earlier connection */
  static async connect(
    port: number,
    user: BrokerUser,
    replyQueues: readonly string[],
    log = new ReplyLog(),
  ): Promise<PlatformClient> {
    const platform = new PlatformClient(await RawStompClient.connect(port, user), log);
    for (const queue of replyQueues) {
      const subscription = { destination: `/queue/${queue}`, id: queue, ack: "client-individual" };
      await platform.#client.confirm("SUBSCRIBE", subscription);
    }
    return platform;
  }

  /** A body that is neither text nor bytes is sent as JSON. Resolves when the broker has the message. */
  async post(message: PlatformMessage): Promise<void> {
    const { queue, body, correlationId } = message;
    const bytes =
      typeof body === "string" || Buffer.isBuffer(body)
        ? Buffer.from(body)
        : Buffer.from(JSON.stringify(body));
    const headers = {
      destination: `/queue/${queue}`,
      "reply-to": message.replyTo ?? `/queue/${replyQueueOf(queue)}`,
      "correlation-id": correlationId,
      Co3MessagePayload: message.payloadClass ?? "ActionDataDTO",
      Co3ContentType: "application/json",
      Co3ContextToken: message.contextToken,
      persistent: "true",
      "content-length": String(bytes.length),
      ...message.headers,
    };
    await this.#client.confirm("SEND", headers, bytes);
  }

  /** Everything so far, in the order of arrival. */
  get replies(): readonly PlatformReply[] {
    return this.#log.all;
  }

  get finalReplies(): readonly PlatformReply[] {
    return this.#log.finals;
  }

  /** Waits until the answers so far satisfy `enough`. */
  until(enough: (replies: readonly PlatformReply[]) => boolean, withinMs?: number): Promise<void> {
    return this.#log.until(enough, withinMs);
  }

  /** The final answer to one message. */
  async replyTo(correlationId: string, withinMs?: number): Promise<PlatformReply> {
    const mine = (reply: PlatformReply) => reply.complete && reply.correlationId === correlationId;
    await this.until((replies) => replies.some(mine), withinMs);
    const reply = this.replies.find(mine);
    if (reply === undefined) throw new Error("unreachable");
    return reply;
  }

  close(): void {
    this.#client.close();
  }
}

function readReply({ headers, body }: WireFrame): PlatformReply {
  const fields = parse(body.toString("utf8"));
  return {
    correlationId: headers["correlation-id"],
    messageType: Number(fields["message_type"] ?? 0),
    message: String(fields["message"]),
    complete: fields["complete"] !== false,
    results: fields["results"],
    headers,
  };
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return { message: text };
  }
}
