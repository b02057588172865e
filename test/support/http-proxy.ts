import { once } from "node:events";
import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import net, { type AddressInfo, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import tls from "node:tls";
import type { Authority, ServerCertificate } from "./certificates.js";

export interface HttpProxyOptions {
  /** `user:password` that it asks for. */
  readonly login?: string | undefined;
  /** With it the proxy itself speaks TLS. */
  readonly certificate?: ServerCertificate | undefined;
  /** Names that nobody but the proxy can resolve; all of them are this machine. */
  readonly hosts?: readonly string[] | undefined;
  /** Reads what goes to `names`: shows a certificate of this authority in place of the server's. */
  readonly inspect?: { readonly authority: Authority; readonly names: readonly string[] } | undefined;
}

/** What one CONNECT asked for, and got. */
export interface AskedConnect {
  readonly target: string;
  readonly login: string | undefined;
  readonly status: number;
}

/** An HTTP proxy in this process. It knows CONNECT only, as a stand-in for squid and tinyproxy where they are not installed. */
export interface HttpProxy extends AsyncDisposable {
  readonly port: number;
  readonly asked: readonly AskedConnect[];
  /** Tunnels that are open. */
  readonly open: number;
  /** From now on every CONNECT is answered with this; "silence" answers nothing, undefined works again. */
  refuseWith(answer: number | "silence" | undefined, headers?: Readonly<Record<string, string>>): void;
  /** Cuts all tunnels. */
  cut(): void;
  close(): Promise<void>;
}

export async function startHttpProxy(options: HttpProxyOptions = {}): Promise<HttpProxy> {
  const proxy = new ProxyDouble(options);
  await proxy.listen();
  return proxy;
}

class ProxyDouble implements HttpProxy {
  readonly asked: AskedConnect[] = [];
  readonly #options: HttpProxyOptions;
  readonly #server: http.Server | https.Server;
  readonly #sockets = new Set<Duplex>();
  readonly #tunnels = new Set<Duplex>();
  #refusal: { answer: number | "silence"; headers: Readonly<Record<string, string>> } | undefined;

  constructor(options: HttpProxyOptions) {
    this.#options = options;
    this.#server =
      options.certificate === undefined ? http.createServer() : https.createServer(options.certificate);
    this.#server.on("connection", (socket: Socket) => this.#sockets.add(socket));
    this.#server.on("connect", (request: IncomingMessage, socket: Duplex) => {
      socket.on("error", () => undefined);
      void this.#connect(request, socket);
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get open(): number {
    return this.#tunnels.size;
  }

  async listen(): Promise<void> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
  }

  refuseWith(answer: number | "silence" | undefined, headers: Readonly<Record<string, string>> = {}): void {
    this.#refusal = answer === undefined ? undefined : { answer, headers };
  }

  cut(): void {
    for (const socket of this.#tunnels) socket.destroy();
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    this.cut();
    await closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #connect(request: IncomingMessage, client: Duplex): Promise<void> {
    const target = request.url ?? "";
    const given = /^Basic (.+)$/.exec(request.headers["proxy-authorization"] ?? "")?.[1];
    const login = given === undefined ? undefined : Buffer.from(given, "base64").toString("utf8");
    const { answer, headers = {} } = this.#refusal ?? {};
    const wrongLogin = this.#options.login !== undefined && login !== this.#options.login;
    const upstream = answer === undefined && !wrongLogin ? await this.#reach(target) : undefined;
    const status =
      answer === "silence" ? 0 : (answer ?? (wrongLogin ? 407 : upstream === undefined ? 503 : 200));
    this.asked.push({ target, login, status });
    if (answer === "silence") return;
    if (upstream === undefined) {
      const all = { ...(wrongLogin ? { "Proxy-Authenticate": 'Basic realm="test"' } : {}), ...headers };
      const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
      client.end(`HTTP/1.1 ${status} No\r\n${lines.join("")}Content-Length: 2\r\n\r\nno`);
      return;
    }
    client.write("HTTP/1.1 200 Connection established\r\n\r\n");
    await this.#join(client, upstream, target);
  }

  /** undefined when the target can't be reached. */
  async #reach(target: string): Promise<Socket | undefined> {
    const { hostname, port } = new URL(`tcp://${target}`);
    const isOurs = this.#options.hosts?.includes(hostname) === true;
    const upstream = net.connect(Number(port), isOurs ? "127.0.0.1" : hostname.replace(/^\[(.*)\]$/, "$1"));
    const reached = await once(upstream, "connect").then(
      () => true,
      () => false,
    );
    upstream.on("error", () => undefined);
    return reached ? upstream : undefined;
  }

  async #join(client: Duplex, upstream: Socket, target: string): Promise<void> {
    const [inner, outer] = await this.#opened(client, upstream, target);
    for (const socket of [inner, outer, client, upstream]) {
      this.#tunnels.add(socket);
      socket.on("error", () => undefined);
      socket.once("close", () => {
        for (const other of [inner, outer, client, upstream]) {
          this.#tunnels.delete(other);
          other.destroy();
        }
      });
    }
    inner.pipe(outer).pipe(inner);
  }

  /** As it is, or with TLS on both sides, so that all of it could be read. */
  async #opened(client: Duplex, upstream: Socket, target: string): Promise<readonly [Duplex, Duplex]> {
    const { inspect } = this.#options;
    const servername = new URL(`tcp://${target}`).hostname;
    if (inspect?.names.includes(servername) !== true) return [client, upstream];
    const shown = await inspect.authority.issue(servername);
    const inner = new tls.TLSSocket(client, { isServer: true, ...shown });
    // A test's servers have authorities that only the test's client knows.
    return [inner, tls.connect({ socket: upstream, servername, rejectUnauthorized: false })];
  }
}
