import type { JsonValue } from "./artifact.js";
import type { Secret } from "./secret.js";

export type JsonObject = Readonly<Record<string, JsonValue>>;

/**
 * The final answer to a message (AcknowledgementDTO). `results` is what a function returns to its workflow; a known
 * failure of a function is `done` with `results.error`, because the workflow's script reads it there.
 */
export type Reply =
  | { readonly outcome: "done"; readonly message: string; readonly results?: JsonObject | undefined }
  | { readonly outcome: "failed"; readonly message: string };

/** What is known of a message beside its body. */
export interface MessageFacts {
  /** Unique per message, the same when the broker delivers it again. */
  readonly messageId: string;
  /** Queue without prefix: `actions.201.trustar`. */
  readonly destination: string;
  /** `Co3MessagePayload`: ActionDataDTO, FunctionDataDTO, ConnectorSubscriptionUpdateDTO, … */
  readonly payloadClass: string | undefined;
  /** Goes into X-Co3ContextToken of REST calls made for this message: keeps our changes from firing the rule again. */
  readonly contextToken: Secret | undefined;
  readonly redelivered: boolean;
}

/** One message as it came over one connection. */
export interface Delivery extends MessageFacts {
  readonly correlationId: string | undefined;
  readonly replyTo: string | undefined;
  readonly body: string;
  /** Tells the analyst how far we are; lost without complaint when the link is down. */
  progress(message: string): void;
  /**
   * Answers and acknowledges in one transaction; without a reply, or an address for it, only acknowledges.
   * @throws DeliveryLostError the link went first: the broker delivers the message again
   * @throws ReplyRefusedError the broker does not take this answer
   */
  settle(reply: Reply | undefined): Promise<void>;
}

/**
 * Takes a delivery over and settles it. `signal` aborts when the program stops and the time for running work is over;
 * what is not settled then stays on the queue.
 */
export type DeliveryHandler = (delivery: Delivery, signal: AbortSignal) => Promise<void>;

/** The link to the platform's message broker. */
export interface MessageLink {
  /** Before `run`; one handler for all destinations. */
  onDelivery(handler: DeliveryHandler): void;
  /**
   * Connects, and comes back after every loss, until `signal` aborts; then lets running work finish, says good-bye
   * and resolves with nothing left behind.
   * @throws BrokerRefusedError the broker will not have us until an administrator changes something
   */
  run(signal: AbortSignal): Promise<void>;
  /** Resolves once all destinations are subscribed; rejects when `run` ends or `signal` aborts first. */
  ready(signal: AbortSignal): Promise<void>;
  /** What keeps messages from coming, as a sentence; nothing when the link is good. */
  problem(): string | undefined;
}

/** A message as handlers see it. */
export interface ReceivedMessage extends MessageFacts {
  /** The body's JSON, unchecked. */
  readonly payload: unknown;
  progress(message: string): void;
}

/**
 * Does what a message asks. May be called twice for one message when we crashed in between.
 * @throws TrustarResilientError its message becomes the answer; anything else is a bug of ours
 */
export type HandleMessage = (message: ReceivedMessage, signal: AbortSignal) => Promise<Reply>;
