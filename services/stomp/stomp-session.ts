import type { Client, IFrame } from "@stomp/stompjs";
import { ReplyRefusedError } from "../../src/core/errors.js";
import { startBeat } from "./beat.js";
import { bodyText } from "./body-text.js";
import { endBy } from "./broker-refusal.js";
import { withoutLogin } from "./broker-words.js";
import { readConnected } from "./connected-frame.js";
import { encodeFrame } from "./frame.js";
import { headerOf, takeFramesAsTheyAre, withBody, type MessageFrame } from "./incoming-frame.js";
import type { SessionOptions } from "./link-options.js";
import { Receipts } from "./receipts.js";
import { dropped, lost, type SessionEnd } from "./session-end.js";
import { type ClientEvents, createStompClient } from "./stomp-client.js";
import { TlsStompSocket } from "./tls-stomp-socket.js";

/** Of an ERROR frame: what it says behind that is for the broker's own log. */
const longestReason = 1_000;

function firstLine(body: Uint8Array): string {
  return bodyText(body.subarray(0, 4 * longestReason)).split("\n", 1)[0] ?? "";
}

export interface SessionEvents {
  /** Connected and every subscription confirmed. */
  onReady(): void;
  onMessage(frame: MessageFrame): void;
}

/**
 * One connection from CONNECT to its end; it is never built up again. Frames after the login are encoded here rather
 * than by stompjs: a transaction must go out in one piece (see stomp-delivery), and its COMMIT must ask for a receipt.
 */
export class StompSession {
  readonly ended: Promise<SessionEnd>;
  readonly #options: SessionOptions;
  readonly #events: SessionEvents;
  readonly #hadSubscription: boolean;
  readonly #socket: TlsStompSocket;
  readonly #client: Client;
  readonly #receipts = new Receipts();
  readonly #subscribing = new Map<string, string>();
  #stage: "login" | "subscribe" | "ready" = "login";
  #verdict: SessionEnd | undefined;
  #lastId = 0;
  #resolveEnded: (end: SessionEnd) => void = () => undefined;
  #cancelDeadline: () => void = () => undefined;
  #cancelBeat: () => void = () => undefined;

  constructor(options: SessionOptions, events: SessionEvents, hadSubscription: boolean) {
    this.#options = options;
    this.#events = events;
    this.#hadSubscription = hadSubscription;
    this.#socket = new TlsStompSocket(options.endpoint);
    this.#client = createStompClient(options, this.#socket, this.#clientEvents());
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
  }

  /** Begins to connect; `ended` tells how it went wrong, `onReady` that it did not. */
  open(): void {
    const { connectTimeoutMs, endpoint } = this.#options;
    this.#cancelDeadline = this.#options.after(connectTimeoutMs, () => {
      const waited = `${connectTimeoutMs / 1000} s`;
      this.#end(
        dropped(`The message broker ${endpoint.host}:${endpoint.port} did not answer within ${waited}.`),
      );
    });
    this.#client.activate();
  }

  nextId(prefix: string): string {
    return `${prefix}-${++this.#lastId}`;
  }

  /** Sends and forgets; nothing happens when the connection is gone. */
  send(frame: Buffer): void {
    if (this.#verdict === undefined) this.#socket.send(frame);
  }

  /**
   * Sends frames of which the last asks for `receipt`, and waits for it.
   * @param destination where they send something
   */
  confirm(frames: Buffer, receipt: string, destination?: string): Promise<void> {
    if (this.#verdict !== undefined) return Promise.reject(lost());
    const received = this.#receipts.wait(receipt, destination);
    this.#socket.send(frames);
    return received;
  }

  /** Says good-bye and waits, but not for long, until the broker has heard it. */
  async disconnect(timeoutMs: number): Promise<void> {
    const cancel = this.#options.after(timeoutMs, () => {
      this.#end({ kind: "closed" });
    });
    if (this.#stage !== "login") {
      const receipt = this.nextId("bye");
      await this.confirm(encodeFrame("DISCONNECT", { receipt }), receipt).catch(() => undefined);
    }
    cancel();
    this.#end({ kind: "closed" });
    await this.ended;
  }

  #clientEvents(): ClientEvents {
    return {
      onConnected: (frame) => {
        this.#onConnected(frame);
      },
      onMessage: (frame) => {
        if (this.#verdict === undefined) this.#events.onMessage(withBody(frame, this.#socket.frameBody));
      },
      onReceipt: (frame) => {
        this.#receipts.came(headerOf(frame, "receipt-id") ?? "");
      },
      onError: (frame) => {
        this.#onError(frame);
      },
      onUnknown: (frame) => {
        this.violation("an unknown frame", frame.command);
      },
      onSilence: (silentMs) => {
        this.#end(dropped(`The message broker was silent for more than ${silentMs / 1000} s.`));
      },
      onClosed: (event) => {
        this.#end(dropped(event.reason));
        this.#resolveEnded(this.#verdict ?? dropped(event.reason));
      },
    };
  }

  /** The broker broke the protocol: nothing that follows can be trusted. `word` is the broker's own. */
  violation(what: string, word?: string): void {
    const said = word && ` "${withoutLogin(word, this.#options.credentials).slice(0, 20)}"`;
    this.#end(dropped(`The message broker sent ${what}${said ?? ""}.`));
  }

  #onConnected(frame: IFrame): void {
    const agreed = readConnected(frame.headers);
    if ("wrong" in agreed) {
      this.violation(agreed.wrong, agreed.word);
      return;
    }
    takeFramesAsTheyAre(this.#client);
    this.#stage = "subscribe";
    this.#cancelBeat = startBeat(this.#socket, this.#options, agreed.wantedMs);
    const confirmed = this.#options.destinations.map((destination) => this.#subscribe(destination));
    Promise.all(confirmed).then(
      () => {
        if (this.#verdict !== undefined) return;
        this.#cancelDeadline();
        this.#stage = "ready";
        this.#events.onReady();
      },
      // The session has ended, and says why itself.
      () => undefined,
    );
  }

  #subscribe(destination: string): Promise<void> {
    const receipt = this.nextId("sub");
    this.#subscribing.set(receipt, destination);
    const frame = encodeFrame("SUBSCRIBE", {
      destination,
      id: destination,
      ack: "client-individual",
      "activemq.prefetchSize": String(this.#options.prefetch),
      receipt,
    });
    return this.confirm(frame, receipt);
  }

  /** ActiveMQ keeps the connection after some errors, but in a state nobody knows: we never go on with it. */
  #onError(frame: IFrame): void {
    const text = (headerOf(frame, "message") ?? firstLine(this.#socket.frameBody)).slice(0, longestReason);
    const receipt = headerOf(frame, "receipt-id") ?? "";
    const { endpoint, credentials, destinations } = this.#options;
    const said = withoutLogin(text, credentials);
    const refused = new ReplyRefusedError(`The message broker refused the answer: ${said}`);
    this.#receipts.failed(receipt, refused);
    const queue = /not authorized to write to: queue:\/\/(\S+)/.exec(text)?.[1];
    if (queue !== undefined) this.#receipts.failedFor(queue, refused);
    this.#end(
      endBy(text, {
        address: endpoint,
        credentials,
        stage: this.#stage,
        destination:
          this.#subscribing.get(receipt) ?? destinations.find((one) => text.endsWith(one)) ?? destinations[0],
        hadSubscription: this.#hadSubscription,
      }),
    );
  }

  #end(verdict: SessionEnd): void {
    if (this.#verdict !== undefined) return;
    this.#verdict = verdict;
    this.#cancelDeadline();
    this.#cancelBeat();
    this.#receipts.allFailed(lost());
    this.#socket.close();
  }
}
