import type { BrokerUser } from "./broker-users.js";
import { RawStompClient } from "./raw-stomp-client.js";
import type { WireFrame } from "./stomp-broker/wire.js";

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

/** An answer as it arrived on the reply queue; `complete` is true for text that is no JSON, as the platform takes it. */
export interface PlatformReply {
  readonly correlationId: string | undefined;
  readonly messageType: number;
  readonly message: string;
  readonly complete: boolean;
  readonly results: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

/** `actions.201.trustar` → `acks.201.trustar`. */
export function replyQueueOf(queue: string): string {
  return queue.replace(/^actions\./, "acks.");
}

/** The platform's side of the broker: posts messages, reads the answers. */
export class PlatformClient {
  readonly #client: RawStompClient;
  readonly #replies: PlatformReply[] = [];
  readonly #waiters = new Set<() => void>();

  private constructor(client: RawStompClient) {
    this.#client = client;
    client.onFrame((frame) => {
      if (frame.command !== "MESSAGE") return false;
      this.#replies.push(readReply(frame));
      for (const heard of [...this.#waiters]) heard();
      return true;
    });
  }

  static async connect(
    port: number,
    user: BrokerUser,
    replyQueues: readonly string[],
  ): Promise<PlatformClient> {
    const platform = new PlatformClient(await RawStompClient.connect(port, user));
    for (const queue of replyQueues) {
      await platform.#client.confirm("SUBSCRIBE", { destination: `/queue/${queue}`, id: queue, ack: "auto" });
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
    return this.#replies;
  }

  get finalReplies(): readonly PlatformReply[] {
    return this.#replies.filter(({ complete }) => complete);
  }

  /** Waits until the answers so far satisfy `enough`. */
  async until(enough: (replies: readonly PlatformReply[]) => boolean, withinMs = 15_000): Promise<void> {
    const deadline = Date.now() + withinMs;
    while (!enough(this.#replies)) {
      if (Date.now() >= deadline) throw new Error(`Still waiting; ${this.#replies.length} replies came`);
      await new Promise<void>((resolve) => {
        const heard = () => {
          clearTimeout(timer);
          this.#waiters.delete(heard);
          resolve();
        };
        const timer = setTimeout(heard, deadline - Date.now());
        this.#waiters.add(heard);
      });
    }
  }

  /** The final answer to one message. */
  async replyTo(correlationId: string, withinMs?: number): Promise<PlatformReply> {
    const mine = (reply: PlatformReply) => reply.complete && reply.correlationId === correlationId;
    await this.until((replies) => replies.some(mine), withinMs);
    const reply = this.#replies.find(mine);
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
