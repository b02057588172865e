import type { Client, IFrame } from "@stomp/stompjs";
import { unescapeHeader } from "./frame.js";

/**
 * stompjs 7 undoes header escapes one kind after the other, so that a backslash followed by a "c" comes out as a
 * colon, and a correlation-id could go back changed. Its switch is private; a test holds the effect.
 */
export function keepHeadersRaw(client: Client): void {
  const handler: unknown = Reflect.get(client, "_stompHandler");
  if (typeof handler === "object" && handler !== null) Reflect.set(handler, "_escapeHeaderValues", false);
}

/** A header of a frame that came after CONNECTED. */
export function headerOf(frame: IFrame, name: string): string | undefined {
  const raw = frame.headers[name];
  return raw === undefined ? undefined : unescapeHeader(raw);
}
