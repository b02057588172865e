import { once } from "node:events";
import http, {
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { isNativeError } from "node:util/types";
import { errorBody } from "../../routes/lookup-wire.js";
import { ConfigError } from "../core/errors.js";
import type { Log } from "../core/ports.js";
import { MINUTE_MS, SECOND_MS } from "../core/time.js";
import { createTlsServer, type TlsOptions } from "./tls-server.js";

export interface HttpServerOptions {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  /** Absent = plain HTTP. */
  readonly tls?: TlsOptions | undefined;
  readonly maxConnections?: number | undefined;
  /** Replaces some of our own sizes and times. */
  readonly limits?: http.ServerOptions | undefined;
  readonly log: Log;
}

export interface HttpServer {
  readonly url: string;
  readonly port: number;
  /** Lets `app` answer, from the requests on that have waited for it. */
  serve(app: RequestListener): void;
  /** Answers what is running, then closes; whatever is left after `deadlineMs`, or was never served, is cut off. */
  stop(deadlineMs: number): Promise<void>;
}

const DEFAULT_MAX_CONNECTIONS = 1_000;

const defaultLimits: http.ServerOptions = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 20 * SECOND_MS,
  // Long enough for an upload over a thin line.
  requestTimeout: 5 * MINUTE_MS,
  // The platform polls every 60 s: its connection should still be there.
  keepAliveTimeout: 75 * SECOND_MS,
};

/**
 * Takes the address and keeps whoever calls waiting until `serve`. So what belongs to the address's owner, such as its
 * files, can be opened after it is clear that no other instance has it.
 * @throws ConfigError when the address or the certificate can't be used
 */
export async function bindHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { log, tls } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const server = tls === undefined ? http.createServer(limits) : await createTlsServer(tls, limits, log);
  server.maxConnections = options.maxConnections ?? DEFAULT_MAX_CONNECTIONS;
  server.on("clientError", answerBrokenRequest);
  const stop = trackConnections(server, log);
  const waiting = new WaitingRequests(server);
  await listen(server, options);
  server.on("error", (error) => {
    log.error({ error: error.message }, "web server error");
  });
  const { port, address, family } = server.address() as AddressInfo;
  const scheme = tls === undefined ? "http" : "https";
  return {
    url: `${scheme}://${family === "IPv6" ? `[${address}]` : address}:${port}`,
    port,
    serve: (app) => {
      waiting.serve(app);
    },
    stop: (deadlineMs) => stop(waiting.served ? deadlineMs : 0),
  };
}

/** What comes between `listen` and the first look at it. */
class WaitingRequests {
  readonly #server: Server;
  readonly #waiting: (readonly [IncomingMessage, ServerResponse])[] = [];
  readonly #wait: RequestListener = (req, res) => void this.#waiting.push([req, res]);
  served = false;

  constructor(server: Server) {
    this.#server = server;
    server.on("request", this.#wait);
  }

  serve(app: RequestListener): void {
    this.served = true;
    this.#server.off("request", this.#wait).on("request", app);
    for (const [req, res] of this.#waiting.splice(0)) if (!res.destroyed) app(req, res);
  }
}

async function listen(server: Server, { host, port }: HttpServerOptions): Promise<void> {
  try {
    // Registered addresses say 127.0.0.1, where rc-webserver listened; "localhost" alone may mean ::1.
    server.listen({ host: host === "localhost" ? "127.0.0.1" : host, port });
    await once(server, "listening");
  } catch (cause) {
    const problem = listenProblem(codeOf(cause), host, port);
    throw problem === undefined ? cause : new ConfigError([`[webserver] ${problem}`], { cause });
  }
}

function listenProblem(code: string, host: string, port: number): string | undefined {
  switch (code) {
    case "EADDRINUSE":
      return `port ${port} is already in use on ${host}: stop the other program or choose another port`;
    case "EACCES":
      return `port ${port} is not for this user: choose one above 1023 or grant the permission`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `server ${host} is not an address of this machine`;
    default:
      return undefined;
  }
}

/** What can't even be parsed. Slowness is no fault of the artifact: a timeout must not be a 4xx, which is final. */
function answerBrokenRequest(error: Error, socket: Duplex): void {
  const code = codeOf(error);
  if (!socket.writable || !/^(HPE_|ERR_HTTP_REQUEST_TIMEOUT$)/.test(code)) {
    socket.destroy();
    return;
  }
  const [status, text] =
    code === "ERR_HTTP_REQUEST_TIMEOUT"
      ? ["503 Service Unavailable", "request: not complete in time"]
      : code === "HPE_HEADER_OVERFLOW"
        ? ["431 Request Header Fields Too Large", "headers: too large"]
        : ["400 Bad Request", "request: not valid HTTP"];
  const body = JSON.stringify(errorBody(text));
  const headers = [
    "Connection: close",
    "Content-Type: application/json; charset=utf-8",
    `Content-Length: ${body.length}`,
  ];
  socket.end(`HTTP/1.1 ${status}\r\n${headers.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy());
}

/** Keeps count of connections and running answers. @returns what stops the server */
function trackConnections(server: Server, log: Log): HttpServer["stop"] {
  const sockets = new Set<Socket>();
  const running = new Set<ServerResponse>();
  let stopped: Promise<void> | undefined;

  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.on("request", (req, res) => {
    running.add(res);
    if (stopped !== undefined) res.setHeader("Connection", "close");
    res.once("close", () => {
      running.delete(res);
      // Its headers may have promised to keep the connection.
      if (stopped !== undefined) req.socket.destroySoon();
    });
  });

  const stop = async (deadlineMs: number): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const res of running) if (!res.headersSent) res.setHeader("Connection", "close");
    // By peer, because under TLS the request's socket isn't the one that was accepted.
    const busy = new Set([...running].map(({ req }) => peerOf(req.socket)));
    for (const socket of sockets) if (!busy.has(peerOf(socket))) socket.destroy();
    const deadline = setTimeout(() => {
      log.warn({ requests: running.size }, "requests were cut off by the end of the program");
      for (const socket of sockets) socket.destroy();
    }, deadlineMs);
    await closed;
    clearTimeout(deadline);
  };
  return (deadlineMs) => (stopped ??= stop(deadlineMs));
}

function peerOf(socket: Socket): string {
  return `${socket.remoteAddress ?? ""}|${socket.remotePort ?? 0}`;
}

function codeOf(error: unknown): string {
  return isNativeError(error) && "code" in error && typeof error.code === "string" ? error.code : "";
}
