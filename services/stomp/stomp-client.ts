import { Client, type IFrame, StompConfig, StompHeaders, Versions } from "@stomp/stompjs";
import { keepHeartBeatsCountable } from "./incoming-frame.js";
import type { SessionOptions } from "./link-options.js";
import type { StompSocketClosed, TlsStompSocket } from "./tls-stomp-socket.js";

export interface ClientEvents {
  onConnected(frame: IFrame): void;
  onMessage(frame: IFrame): void;
  onReceipt(frame: IFrame): void;
  onError(frame: IFrame): void;
  onUnknown(frame: IFrame): void;
  /** @param silentMs more than this passed without a byte */
  onSilence(silentMs: number): void;
  onClosed(event: StompSocketClosed): void;
}

/**
 * ActiveMQ's own beats may come up to two intervals apart (AMQ-4710): a link is dead only after more than that.
 * stompjs looks once per interval, so silence is noticed after two and a half to three and a half of them.
 */
const SILENT_INTERVALS = 2.5;

/** stompjs for one connection: login, parser and watch over the broker's heart-beat; the link does the rest. */
export function createStompClient(
  options: SessionOptions,
  socket: TlsStompSocket,
  events: ClientEvents,
): Client {
  const { endpoint, credentials, heartbeatMs } = options;
  const config: Partial<StompConfig> = {
    webSocketFactory: () => {
      // stompjs makes its handler as soon as it has the socket.
      queueMicrotask(() => {
        keepHeartBeatsCountable(client);
      });
      socket.connect();
      return socket;
    },
    stompVersions: new Versions([Versions.V1_2]),
    connectHeaders: Object.assign(new StompHeaders(), {
      host: endpoint.host,
      login: credentials.login,
      passcode: credentials.passcode.reveal(),
    }),
    heartbeatIncoming: heartbeatMs,
    heartbeatOutgoing: heartbeatMs,
    heartbeatToleranceMultiplier: SILENT_INTERVALS,
    // The link comes back with jitter, and with a new client.
    reconnectDelay: 0,
    onConnect: (frame) => {
      events.onConnected(frame);
    },
    // We subscribe with frames of our own, so stompjs knows no subscription.
    onUnhandledMessage: (frame) => {
      events.onMessage(frame);
    },
    onUnhandledReceipt: (frame) => {
      events.onReceipt(frame);
    },
    onStompError: (frame) => {
      events.onError(frame);
    },
    onUnhandledFrame: (frame) => {
      events.onUnknown(frame);
    },
    onHeartbeatLost: () => {
      events.onSilence(SILENT_INTERVALS * heartbeatMs);
    },
    onWebSocketClose: (event: StompSocketClosed) => {
      events.onClosed(event);
    },
  };
  const client = new Client(Object.assign(new StompConfig(), config));
  return client;
}
