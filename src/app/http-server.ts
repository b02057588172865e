import { once } from "node:events";
import http, {
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { codeOf } from "../core/error-code.js";
import { ConfigError } from "../core/errors.js";
import type { Log } from "../core/ports.js";
import { MINUTE_MS, SECOND_MS } from "../core/time.js";
import { answerBrokenRequest, answerConnect } from "./bare-answers.js";
import { Connections } from "./connections.js";
import { createExchangeClasses, type ExchangeClasses } from "./exchange-classes.js";
import { createTlsServer, type TlsOptions } from "./tls-server.js";

export interface HttpServerOptions {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  /** The key of app.config that names the port. Default: `[webserver] port`. */
  readonly portKey?: string | undefined;
  /** Absent = plain HTTP. */
  readonly tls?: TlsOptions | undefined;
  /** When there are more, those that wait for a request make room. */
  readonly maxConnections?: number | undefined;
  /** Until all headers of a request must be there. */
  readonly headersTimeoutMs?: number | undefined;
  /** Until a whole request must be there. */
  readonly requestTimeoutMs?: number | undefined;
  // For tests that do not want to wait:
  /** How much longer may nothing at all happen on a connection that is in use. */
  readonly stallMs?: number | undefined;
  /** How long a connection may wait for its next request. */
  readonly keepAliveMs?: number | undefined;
  /** How often it is looked for those that take too long. */
  readonly checkEveryMs?: number | undefined;
  readonly log: Log;
}

export interface HttpServer {
  readonly url: string;
  readonly port: number;
  /** Of its requests and answers alone. */
  readonly exchange: ExchangeClasses;
  /** Lets `app` answer, from the requests on that have waited for it. */
  serve(app: RequestListener): void;
  /** Answers what is running, then closes; whatever is left after `deadlineMs`, or was never served, is cut off. */
  stop(deadlineMs: number): Promise<void>;
}

const DEFAULT_MAX_CONNECTIONS = 1_000;

function createServer(options: HttpServerOptions, exchange: ExchangeClasses): Server | Promise<Server> {
  // The default is long enough for an upload over a thin line.
  const { requestTimeoutMs = 5 * MINUTE_MS, headersTimeoutMs = 20 * SECOND_MS } = options;
  const limits: http.ServerOptions = {
    ...exchange,
    maxHeaderSize: 16 * 1024,
    headersTimeout: Math.min(headersTimeoutMs, requestTimeoutMs),
    requestTimeout: requestTimeoutMs,
    // The platform polls every 60 s: its connection should still be there.
    keepAliveTimeout: options.keepAliveMs ?? 75 * SECOND_MS,
    // Node would refuse without a body; the app does it in the usual shape.
    requireHostHeader: false,
    connectionsCheckingInterval: options.checkEveryMs ?? 5 * SECOND_MS,
  };
  return options.tls === undefined
    ? http.createServer(limits)
    : createTlsServer(options.tls, limits, options.log);
}

/**
 * Takes the address and keeps whoever calls waiting until `serve`. So what belongs to the address's owner, such as its
 * files, can be opened after it is clear that no other instance has it.
 * @throws ConfigError when the address or the certificate can't be used
 */
export async function bindHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { log, tls } = options;
  const exchange = createExchangeClasses();
  const server = await createServer(options, exchange);
  // Whoever doesn't fetch its answers must not hold its place for ever. Later than the time-out that gets an answer.
  server.timeout = server.requestTimeout + (options.stallMs ?? 30 * SECOND_MS);
  server.on("clientError", answerBrokenRequest);
  server.on("connect", answerConnect);
  // Nobody has to mind what is expected of him, and Node's own 417 would have no body.
  server.on("checkExpectation", (req, res) => server.emit("request", req, res));
  const connections = new Connections(server, options.maxConnections ?? DEFAULT_MAX_CONNECTIONS, log);
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
    exchange,
    serve: (app) => {
      waiting.serve(app);
    },
    stop: (deadlineMs) => connections.stop(waiting.served ? deadlineMs : 0),
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

async function listen(server: Server, options: HttpServerOptions): Promise<void> {
  const { host, port } = options;
  try {
    // Registered addresses say 127.0.0.1, where rc-webserver listened; "localhost" alone may mean ::1.
    server.listen({ host: host === "localhost" ? "127.0.0.1" : host, port });
    await once(server, "listening");
  } catch (cause) {
    const problem = listenProblem(codeOf(cause), options);
    throw problem === undefined ? cause : new ConfigError([problem], { cause });
  }
}

function listenProblem(
  code: string,
  { host, port, portKey = "[webserver] port" }: HttpServerOptions,
): string | undefined {
  switch (code) {
    case "EADDRINUSE":
      return `${portKey} ${port} is already in use on ${host}: stop the other program or choose another port`;
    case "EACCES":
      return `${portKey} ${port} is not for this user: choose one above 1023 or grant the permission`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EAFNOSUPPORT":
    case "EINVAL": // a zone that is none here
      return `[webserver] server ${host} is not an address of this machine`;
    default:
      return undefined;
  }
}
