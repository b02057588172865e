import type { Client, IFrame, StompHeaders } from "@stomp/stompjs";
import { heartBeatsOf } from "./beat.js";
import { unescapeHeader } from "./frame.js";

/**
 * Two habits of stompjs 7 that would cost us frames; its fields are private, tests hold the effect. It undoes header
 * escapes one kind after the other, so that a backslash followed by a "c" comes out as a colon, and a correlation-id
 * could go back changed. And it finds the names of Object's own methods among its subscriptions, receipts and commands.
 */
export function takeFramesAsTheyAre(client: Client): void {
  const handler = handlerOf(client);
  if (handler === undefined) return;
  Reflect.set(handler, "_escapeHeaderValues", false);
  for (const table of ["_subscriptions", "_receiptWatchers", "_serverFrameHandlers"])
    Reflect.set(handler, table, Object.assign(Object.create(null), Reflect.get(handler, table)));
}

/** A third: it makes timers of whatever heart-beat CONNECTED names. To be called before that has come. */
export function keepHeartBeatsCountable(client: Client): void {
  const handler = handlerOf(client);
  const setUp: unknown = handler === undefined ? undefined : Reflect.get(handler, "_setupHeartbeat");
  if (handler === undefined || typeof setUp !== "function") return;
  Reflect.set(handler, "_setupHeartbeat", ({ version, "heart-beat": agreed }: StompHeaders) => {
    const { sentMs, wantedMs } = heartBeatsOf(agreed) ?? { sentMs: 0, wantedMs: 0 };
    Reflect.apply(setUp, handler, [{ version, "heart-beat": `${sentMs},${wantedMs}` }]);
  });
}

function handlerOf(client: Client): object | undefined {
  const handler: unknown = Reflect.get(client, "_stompHandler");
  return typeof handler === "object" && handler !== null ? handler : undefined;
}

/** What is read of a frame. */
export type MessageFrame = Pick<IFrame, "headers" | "binaryBody">;

/** stompjs gets frames without their bodies: see FrameReader. */
export function withBody({ headers }: IFrame, binaryBody: Uint8Array): MessageFrame {
  return { headers, binaryBody };
}

/** A header of a frame that came after CONNECTED. */
export function headerOf(frame: Pick<IFrame, "headers">, name: string): string | undefined {
  const raw = frame.headers[name];
  return raw === undefined ? undefined : unescapeHeader(raw);
}
