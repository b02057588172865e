import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { Api, bearerOf, isTooLarge, type ApiRequest } from "./api.js";
import type { LoggedRequest } from "./call-log.js";
import { Control } from "./control.js";
import { deliver, faultReply, stopsEarly } from "./deliver.js";
import { PendingTimers } from "./pending-timers.js";
import { Query } from "./query.js";
import { emptyOk } from "./reply.js";
import type { World } from "./world.js";

/** The socket side: reads calls, meets them with faults, counts them, writes answers. */
export class SimulatorServer {
  readonly #world: World;
  readonly #api: Api;
  readonly #control: Control;
  readonly #server: Server;
  readonly #timers = new PendingTimers();
  readonly #sockets = new Set<Socket>();

  constructor(world: World, tls?: { readonly key: string; readonly cert: string }) {
    this.#world = world;
    this.#api = new Api(world);
    this.#control = new Control(world);
    const listener = (req: IncomingMessage, res: ServerResponse): void => {
      this.#serve(req, res).catch((cause: unknown) => {
        // A bug of the simulator's own: say so to the client instead of hanging it.
        if (!res.headersSent) res.writeHead(500, { "Content-Type": "text/plain" });
        res.end(`simulator failed: ${String(cause)}`);
      });
    };
    // Room for a query string that the service itself refuses with 414, not the parser with 431.
    const options = { maxHeaderSize: 1024 * 1024 };
    this.#server =
      tls === undefined ? createServer(options, listener) : createTlsServer({ ...options, ...tls }, listener);
    this.#server.keepAliveTimeout = 60_000;
    this.#server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
  }

  listen(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, "127.0.0.1", () => {
        this.#server.off("error", reject);
        resolve((this.#server.address() as AddressInfo).port);
      });
    });
  }

  close(): Promise<void> {
    this.#timers.close();
    return new Promise((resolve) => {
      this.#server.close(() => {
        resolve();
      });
      for (const socket of this.#sockets) socket.destroy();
    });
  }

  async #serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const { method = "GET", url = "/" } = req;
    const cut = url.indexOf("?");
    const path = cut === -1 ? url : url.slice(0, cut);
    const search = cut === -1 ? "" : url.slice(cut + 1);
    const body = await readBody(req);
    if (body === undefined) return;
    const traceId = randomUUID();
    if (path.startsWith("/__")) {
      await deliver(res, this.#control.answer(method, path, body), traceId, undefined, this.#timers);
      return;
    }
    const { authorization } = req.headers;
    const address = req.socket.remoteAddress ?? "";
    const call = { method, path, search, body, authorization, address };
    const logged = this.#log(req, call, traceId);
    res.once("finish", () => {
      this.#world.calls.end(logged, res.statusCode);
    });
    res.once("close", () => {
      this.#world.calls.end(logged, "none");
    });
    await this.#meet(res, call, logged);
  }

  /** Latencies first; then the one fault that replaces or spoils the answer, if any. */
  async #meet(res: ServerResponse, call: ApiRequest, logged: LoggedRequest): Promise<void> {
    const faults = this.#world.faults.take(call.method, logged.endpoint);
    for (const fault of faults) {
      if (fault.kind === "latency" && !(await this.#timers.wait(fault.ms))) return;
    }
    const fault = faults.find(({ kind }) => kind !== "latency");
    if (fault?.kind === "expired-token") this.#world.tokens.revoke(bearerOf(call.authorization) ?? "");
    const answer = fault !== undefined && stopsEarly(fault) ? emptyOk : this.#api.answer(call);
    const instead = fault && faultReply(fault, call.path, this.#world.clock.now());
    const reply = instead ?? answer;
    // Counted before it leaves, so that whoever has the answer also finds it counted.
    if (fault === undefined || instead !== undefined) this.#world.calls.end(logged, reply.status);
    await deliver(res, reply, logged.traceId, fault, this.#timers);
  }

  #log(req: IncomingMessage, call: ApiRequest, traceId: string): LoggedRequest {
    const request: LoggedRequest = {
      at: this.#world.clock.now(),
      method: call.method,
      path: call.path,
      endpoint: this.#api.endpointOf(call.method, call.path),
      query: new Query(call.search).entries(),
      body: call.body,
      clientType: headerOf(req, "client-type"),
      clientVersion: headerOf(req, "client-version"),
      clientMetatag: headerOf(req, "client-metatag"),
      traceId,
      status: "pending",
    };
    this.#world.calls.begin(request);
    return request;
  }
}

function headerOf(req: IncomingMessage, name: string): string | undefined {
  const value = req.headers[name];
  return Array.isArray(value) ? value.join(", ") : value;
}

/** Undefined when the client went away, or sent more than anyone needs. */
async function readBody(req: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of req as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (isTooLarge(bytes)) {
        req.destroy();
        return undefined;
      }
      chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks).toString("utf8");
}
