import net from "node:net";
import type { Duplex } from "node:stream";
import tls from "node:tls";
import { type IStompSocket, StompSocketState } from "@stomp/stompjs";
import { FrameError, FrameReader } from "./frame-reader.js";
import type { BrokerEndpoint } from "./link-options.js";
import { describeSocketError } from "./socket-problem.js";

/** What `onclose` gets: a sentence for a person. */
export interface StompSocketClosed {
  readonly reason: string;
}

/** A TCP or TLS socket in the shape that @stomp/stompjs wants of a WebSocket. Nothing else here knows sockets. */
export class TlsStompSocket implements IStompSocket {
  readonly url: string;
  binaryType = "arraybuffer";
  onopen: (() => void) | undefined;
  onmessage: ((event: { data: string | ArrayBuffer }) => void) | undefined;
  onerror: ((event: unknown) => void) | undefined;
  onclose: ((event: StompSocketClosed) => void) | undefined;
  #state = StompSocketState.CONNECTING;
  #begun = false;
  #stream: Duplex | undefined;
  #reason: string | undefined;
  readonly #reader = new FrameReader();
  #frameBody: Uint8Array = new Uint8Array();
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

  /** The body of the frame that `onmessage` is just told of; stompjs gets the rest of it. */
  get frameBody(): Uint8Array {
    return this.#frameBody;
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
      this.#read(chunk);
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

  #read(chunk: Buffer): void {
    // Whatever has come, the broker is there: stompjs watches for that.
    this.onmessage?.({ data: "\n" });
    try {
      for (const { head, body } of this.#reader.push(chunk)) {
        if (this.#state !== StompSocketState.OPEN) return;
        this.#frameBody = body;
        this.onmessage?.({ data: asArrayBuffer(Buffer.concat([head, Buffer.alloc(1)])) });
        this.#frameBody = new Uint8Array();
      }
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.close(`The message broker sent ${error.message}.`);
    }
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

function asArrayBuffer({ buffer, byteOffset, byteLength }: Buffer): ArrayBuffer {
  return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
}

function asBytes(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}
