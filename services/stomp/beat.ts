import type { SessionOptions } from "./link-options.js";
import type { TlsStompSocket } from "./tls-stomp-socket.js";

/**
 * Our heart-beat, as agreed in CONNECTED (`<broker sends>,<broker wants>`). ActiveMQ may drop a client whose beat is
 * a millisecond late, and timers are: we beat twice as often as promised. The returned function ends it.
 */
export function startBeat(
  socket: Pick<TlsStompSocket, "send">,
  { after, heartbeatMs }: Pick<SessionOptions, "after" | "heartbeatMs">,
  agreed: string | undefined,
): () => void {
  const wantedMs = Number(agreed?.split(",")[1] ?? 0);
  if (!(wantedMs > 0)) return () => undefined;
  const everyMs = Math.max(wantedMs, heartbeatMs) / 2;
  const beat = () => {
    socket.send("\n");
    cancel = after(everyMs, beat);
  };
  let cancel = after(everyMs, beat);
  return () => {
    cancel();
  };
}
