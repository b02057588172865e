import type { SessionOptions } from "./link-options.js";
import type { TlsStompSocket } from "./tls-stomp-socket.js";

export interface HeartBeats {
  /** How often the broker means to send one; 0 = never. */
  readonly sentMs: number;
  /** How often it wants one of us; 0 = never. */
  readonly wantedMs: number;
}

/** What a timer can count. A longer one would fire at once, and again every millisecond. */
const longestMs = 2 ** 31 - 1;

/** The header of CONNECTED (`<broker sends>,<broker wants>`), cut to what timers can count; undefined when it is none. */
export function heartBeatsOf(header: string | undefined): HeartBeats | undefined {
  const [, sent, wanted] = /^(\d+),(\d+)$/.exec(header?.trim() ?? "0,0") ?? [];
  if (sent === undefined || wanted === undefined) return undefined;
  return {
    sentMs: Math.min(Number(sent), longestMs),
    wantedMs: Math.min(Number(wanted), longestMs),
  };
}

/**
 * Our heart-beat, as agreed in CONNECTED. ActiveMQ may drop a client whose beat is
 * a millisecond late, and timers are: we beat twice as often as promised. The returned function ends it.
 */
export function startBeat(
  socket: Pick<TlsStompSocket, "send">,
  { after, heartbeatMs }: Pick<SessionOptions, "after" | "heartbeatMs">,
  wantedMs: number,
): () => void {
  if (wantedMs === 0) return () => undefined;
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
