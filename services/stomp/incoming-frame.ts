import type { Client, IFrame } from "@stomp/stompjs";
import { unescapeHeader } from "./frame.js";

/**
 * Two habits of stompjs 7 that would cost us frames; its fields are private, tests hold the effect. It undoes header
 * escapes one kind after the other, so that a backslash followed by a "c" comes out as a colon, and a correlation-id
 * could go back changed. And it finds the names of Object's own methods among its subscriptions, receipts and commands.
 */
export function takeFramesAsTheyAre(client: Client): void {
  const handler: unknown = Reflect.get(client, "_stompHandler");
  if (typeof handler !== "object" || handler === null) return;
  Reflect.set(handler, "_escapeHeaderValues", false);
  for (const table of ["_subscriptions", "_receiptWatchers", "_serverFrameHandlers"])
    Reflect.set(handler, table, Object.assign(Object.create(null), Reflect.get(handler, table)));
}

/** A header of a frame that came after CONNECTED. */
export function headerOf(frame: IFrame, name: string): string | undefined {
  const raw = frame.headers[name];
  return raw === undefined ? undefined : unescapeHeader(raw);
}
