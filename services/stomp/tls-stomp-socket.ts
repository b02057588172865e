import net from "node:net";
import type { Duplex } from "node:stream";
import tls from "node:tls";
import { type IStompSocket, StompSocketState } from "@stomp/stompjs";
import type { BrokerEndpoint } from "./link-options.js";
import { describeSocketError } from "./socket-problem.js";

/** What `onclose` gets: a sentence for a person. */
export interface StompSocketClosed {
  readonly reason: string;
}

/** Much more than the largest message of the platform: a frame that doesn't end must not fill our memory. */
const MAX_FRAME_BYTES = 16 * 1024 * 1024;

/** A TCP or TLS socket in the shape that @stomp/stompjs wants of a WebSocket. Nothing else here knows sockets. */
export class TlsStompSocket implements IStompSocket {
  readonly url: string;
  binaryType = "arraybuffer";
  onopen: (() => void) | undefined;
  onmessage: ((event: { data: ArrayBuffer }) => void) | undefined;
  onerror: ((event: unknown) => void) | undefined;
  onclose: ((event: StompSocketClosed) => void) | undefined;
  #state = StompSocketState.CONNECTING;
  #begun = false;
  #stream: Duplex | undefined;
  #reason: string | undefined;
  /** Bytes since the end of the last frame, or since the start of the packet it ended in. */
  #unfinishedBytes = 0;
  readonly #endpoint: BrokerEndpoint;
  readonly #abort = new AbortController();

  constructor(endpoint: BrokerEndpoint) {
    this.#endpoint = endpoint;
    this.url = `${endpoint.tls === "off" ? "stomp" : "stomp+ssl"}://${endpoint.host}:${endpoint.port}`;
  }

  get readyState(): number {
    return this.#state;
  }

  /** Begins to connect; what comes of it is told by `onopen` or `onclose`, also when it was closed before. */
  connect(): void {
    this.#begun = true;
    if (this.#state !== StompSocketState.CONNECTING) {
      this.#closedSoon();
      return;
    }
    const { openTunnel } = this.#endpoint;
    if (openTunnel === undefined) {
      this.#attach(openSocket(this.#endpoint));
      return;
    }
    openTunnel(this.#endpoint, this.#abort.signal).then(
      (tunnel) => {
        this.#enterTunnel(tunnel);
      },
      (error: unknown) => {
        this.#closed(describeSocketError(error, this.#endpoint));
      },
    );
  }

  send(data: string | ArrayBufferLike | Blob | ArrayBufferView): void {
    if (this.#state !== StompSocketState.OPEN || this.#stream === undefined) return;
    if (data instanceof Blob) throw new TypeError("STOMP frames are text or bytes");
    if (typeof data === "string") this.#stream.write(data);
    else if (ArrayBuffer.isView(data)) this.#stream.write(asBytes(data));
    else this.#stream.write(new Uint8Array(data));
  }

  /** At once and without the peer: a broker that went silent would never finish a polite good-bye. */
  close(reason = "The link was closed."): void {
    if (this.#state >= StompSocketState.CLOSING) return;
    this.#state = StompSocketState.CLOSING;
    this.#reason ??= reason;
    this.#abort.abort();
    if (this.#stream !== undefined) this.#stream.destroy();
    else if (this.#begun) this.#closedSoon();
  }

  /** To be told of every frame that has come: the next one may be as long again. */
  frameEnded(): void {
    this.#unfinishedBytes = 0;
  }

  #enterTunnel(tunnel: Duplex): void {
    if (this.#state !== StompSocketState.CONNECTING) {
      tunnel.destroy();
      return;
    }
    const { tls: settings } = this.#endpoint;
    if (settings === "off") {
      this.#attach(tunnel);
      this.#opened();
    } else this.#attach(openSocket(this.#endpoint, tunnel));
  }

  #attach(stream: Duplex): void {
    this.#stream = stream;
    stream.once(stream instanceof tls.TLSSocket ? "secureConnect" : "connect", () => {
      this.#opened();
    });
    stream.on("data", (chunk: Buffer) => {
      this.#unfinishedBytes += chunk.byteLength;
      if (this.#unfinishedBytes > MAX_FRAME_BYTES) {
        this.close(`The message broker sent a frame of more than ${MAX_FRAME_BYTES} bytes.`);
        return;
      }
      const { buffer, byteOffset, byteLength } = chunk;
      this.onmessage?.({ data: buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer });
    });
    stream.on("error", (error) => {
      this.#reason ??= describeSocketError(error, this.#endpoint);
    });
    // A broker that half-closes has nothing more to say; waiting for it would look like a good link.
    stream.once("end", () => stream.destroy());
    stream.once("close", () => {
      this.#closed(this.#reason ?? `${this.#endpoint.host}:${this.#endpoint.port} closed the connection.`);
    });
  }

  #opened(): void {
    if (this.#state !== StompSocketState.CONNECTING) return;
    this.#state = StompSocketState.OPEN;
    this.onopen?.();
  }

  /** Not within the call: whoever created the socket still has to listen. */
  #closedSoon(): void {
    queueMicrotask(() => {
      this.#closed(this.#reason ?? "The link was closed.");
    });
  }

  #closed(reason: string): void {
    if (this.#state === StompSocketState.CLOSED) return;
    this.#state = StompSocketState.CLOSED;
    this.onclose?.({ reason });
  }
}

function openSocket(endpoint: BrokerEndpoint, tunnel?: Duplex): Duplex {
  const { host, port, tls: settings } = endpoint;
  if (settings === "off") {
    return net.connect({ host, port, noDelay: true, keepAlive: true });
  }
  const socket = tls.connect({
    host,
    port,
    ...(tunnel === undefined ? {} : { socket: tunnel }),
    // An address has no place in SNI; the certificate is then checked against `host`.
    ...(net.isIP(host) === 0 ? { servername: host } : {}),
    ca: settings.ca,
    minVersion: "TLSv1.2",
    rejectUnauthorized: settings.rejectUnauthorized !== false,
  });
  socket.setNoDelay(true).setKeepAlive(true);
  return socket;
}

function asBytes(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}
