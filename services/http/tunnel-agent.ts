import http, { type ClientRequestArgs } from "node:http";
import https from "node:https";
import type { Duplex } from "node:stream";
import type { ProxyTunnel } from "./proxy-tunnel.js";

type Connected = (error: Error | null, stream: Duplex) => void;

/** Keeps connections as Node's agent does, but opens them through a proxy. */
export class HttpTunnelAgent extends http.Agent {
  readonly #tunnel: ProxyTunnel;
  readonly #closing = new AbortController();

  constructor(tunnel: ProxyTunnel, options: http.AgentOptions) {
    super(options);
    this.#tunnel = tunnel;
  }

  override createConnection(options: ClientRequestArgs, done: Connected): undefined {
    connect(this.#tunnel, options, this.#closing.signal, done, (socket) => socket);
  }

  override destroy(): void {
    this.#closing.abort(new Error("the connections were closed"));
    super.destroy();
  }
}

/** The same with TLS inside the tunnel: the proxy sees bytes, and the certificate is the server's. */
export class HttpsTunnelAgent extends https.Agent {
  readonly #tunnel: ProxyTunnel;
  readonly #closing = new AbortController();

  constructor(tunnel: ProxyTunnel, options: https.AgentOptions) {
    super(options);
    this.#tunnel = tunnel;
  }

  override createConnection(options: ClientRequestArgs, done: Connected): undefined {
    const secure = (socket: Duplex): Duplex => {
      const inTunnel = { ...options, socket };
      return super.createConnection(inTunnel) ?? socket;
    };
    connect(this.#tunnel, options, this.#closing.signal, done, secure);
  }

  override destroy(): void {
    this.#closing.abort(new Error("the connections were closed"));
    super.destroy();
  }
}

function connect(
  tunnel: ProxyTunnel,
  { host, port }: ClientRequestArgs,
  signal: AbortSignal,
  done: Connected,
  wrap: (socket: Duplex) => Duplex,
): void {
  tunnel
    .open({ host: host ?? "", port: Number(port) }, signal)
    .then(wrap)
    .then(
      (socket) => {
        done(null, socket);
      },
      (error: unknown) => {
        // Node looks at the stream only when there is no error.
        (done as (error: unknown) => void)(error);
      },
    );
}
