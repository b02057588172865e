import type { Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Log } from "../core/ports.js";
import { systemClock } from "../core/time.js";
import { createCountedWarning } from "./counted-warning.js";

/** By peer, because under TLS the request's socket isn't the one that was accepted. */
interface Connection {
  readonly socket: Socket;
  /** It brought at least one whole request. */
  readonly isProven: boolean;
}

/**
 * The connections of a web server, at most `max`. When all places are taken the connection that has waited longest for
 * a request makes room, first those that never brought a whole one: whoever only sits there keeps nobody out.
 */
export class Connections {
  readonly #server: Server;
  readonly #max: number;
  readonly #log: Log;
  /** By peer; who had an answer last is last. */
  readonly #open = new Map<string, Connection>();
  readonly #running = new Set<ServerResponse>();
  readonly #warnOfCut: (count: number) => void;
  #stopped: Promise<void> | undefined;

  constructor(server: Server, max: number, log: Log) {
    this.#server = server;
    this.#max = max;
    this.#log = log;
    this.#warnOfCut = createCountedWarning(
      log,
      systemClock,
      `connections were cut: all ${max} of max_connections were taken`,
    );
    server.on("connection", (socket: Socket) => {
      this.#take(socket);
    });
    server.on("request", (_req, res) => {
      this.#onRequest(res);
    });
  }

  /** Answers what is running, then closes; whatever is left after `deadlineMs` is cut off. */
  stop(deadlineMs: number): Promise<void> {
    return (this.#stopped ??= this.#stop(deadlineMs));
  }

  #take(socket: Socket): void {
    if (this.#open.size >= this.#max && !this.#makeRoom()) {
      this.#warnOfCut(1);
      socket.destroy();
      return;
    }
    const peer = peerOf(socket);
    this.#open.set(peer, { socket, isProven: false });
    socket.once("close", () => {
      if (this.#open.get(peer)?.socket === socket) this.#open.delete(peer);
    });
  }

  /** @returns whether it could: whoever waits for an answer of ours is never cut, who doesn't fetch it may be. */
  #makeRoom(): boolean {
    const busy = this.#peersOf((res) => res.req.complete && !res.writableEnded);
    const idle = [...this.#open].filter(([peer]) => !busy.has(peer));
    const [peer, connection] = idle.find(([, { isProven }]) => !isProven) ?? idle[0] ?? [];
    if (peer === undefined || connection === undefined) return false;
    this.#warnOfCut(1);
    this.#open.delete(peer);
    connection.socket.destroy();
    return true;
  }

  #onRequest(res: ServerResponse): void {
    const { socket } = res.req;
    const peer = peerOf(socket);
    this.#running.add(res);
    if (this.#stopped !== undefined) res.setHeader("Connection", "close");
    res.once("close", () => {
      this.#running.delete(res);
      // Its headers may have promised to keep the connection.
      if (this.#stopped !== undefined) socket.destroySoon();
      else if (res.writableFinished) this.#moveToEnd(peer);
    });
  }

  #moveToEnd(peer: string): void {
    const connection = this.#open.get(peer);
    if (connection === undefined) return;
    this.#open.delete(peer);
    this.#open.set(peer, { ...connection, isProven: true });
  }

  async #stop(deadlineMs: number): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const res of this.#running) if (!res.headersSent) res.setHeader("Connection", "close");
    const busy = this.#peersOf(() => true);
    for (const [peer, { socket }] of this.#open) if (!busy.has(peer)) socket.destroy();
    const deadline = setTimeout(() => {
      this.#log.warn({ requests: this.#running.size }, "requests were cut off by the end of the program");
      for (const { socket } of this.#open.values()) socket.destroy();
    }, deadlineMs);
    await closed;
    clearTimeout(deadline);
  }

  #peersOf(wanted: (res: ServerResponse) => boolean): ReadonlySet<string> {
    return new Set([...this.#running].filter(wanted).map(({ req }) => peerOf(req.socket)));
  }
}

function peerOf(socket: Socket): string {
  return `${socket.remoteAddress ?? ""}|${socket.remotePort ?? 0}`;
}
