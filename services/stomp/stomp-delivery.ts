import type { Delivery, Reply } from "../../src/core/action.js";
import { Secret } from "../../src/core/secret.js";
import { bodyText } from "./body-text.js";
import { encodeFrame } from "./frame.js";
import { headerOf, type MessageFrame } from "./incoming-frame.js";
import { encodeProgress, encodeReply } from "./reply-wire.js";
import type { StompSession } from "./stomp-session.js";

interface Address {
  readonly ack: string;
  readonly replyTo: string | undefined;
  readonly correlationId: string | undefined;
}

/** A MESSAGE frame as a delivery bound to the connection it came over; undefined when it can't be acknowledged. */
export function toDelivery(frame: MessageFrame, session: StompSession): Delivery | undefined {
  const messageId = headerOf(frame, "message-id");
  const ack = headerOf(frame, "ack");
  if (messageId === undefined || ack === undefined) return undefined;
  const token = headerOf(frame, "Co3ContextToken");
  const address: Address = {
    ack,
    replyTo: headerOf(frame, "reply-to"),
    correlationId: headerOf(frame, "correlation-id"),
  };
  return {
    messageId,
    destination: (headerOf(frame, "destination") ?? "").replace(/^\/queue\//, ""),
    payloadClass: headerOf(frame, "Co3MessagePayload"),
    contextToken: token === undefined ? undefined : new Secret(token),
    redelivered: headerOf(frame, "redelivered") === "true",
    correlationId: address.correlationId,
    replyTo: address.replyTo,
    body: bodyText(frame.binaryBody),
    progress: (message) => {
      sendProgress(session, address, message);
    },
    settle: (reply) => settle(session, address, reply),
  };
}

function sendProgress(session: StompSession, { replyTo, correlationId }: Address, message: string): void {
  if (replyTo === undefined) return;
  const headers = { destination: replyTo, "correlation-id": correlationId };
  session.send(encodeFrame("SEND", headers, encodeProgress(message)));
}

/**
 * One buffer, one write: ActiveMQ mixes up the acknowledgements of transactions whose frames interleave on one
 * connection, so another transaction must never get in between. `persistent`: the acknowledgement survives a crash of
 * the broker, so the answer must, too.
 */
function settle(session: StompSession, address: Address, reply: Reply | undefined): Promise<void> {
  const { ack, replyTo, correlationId } = address;
  const receipt = session.nextId("settled");
  if (reply === undefined || replyTo === undefined) {
    return session.confirm(encodeFrame("ACK", { id: ack, receipt }), receipt);
  }
  const transaction = session.nextId("tx");
  const headers = {
    destination: replyTo,
    "correlation-id": correlationId,
    persistent: "true",
    transaction,
  };
  const frames = [
    encodeFrame("BEGIN", { transaction }),
    encodeFrame("SEND", headers, encodeReply(reply)),
    encodeFrame("ACK", { id: ack, transaction }),
    encodeFrame("COMMIT", { transaction, receipt }),
  ];
  return session.confirm(Buffer.concat(frames), receipt, replyTo);
}
