import type { Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Log } from "../core/ports.js";
import { createCountedWarning } from "./counted-warning.js";

interface Connection {
  /** As it was accepted; under TLS a request's socket is another one. */
  readonly socket: Socket;
  /**
   * Under way on it. In an array, not in a set of all connections: a set that much goes through is copied again and
   * again, and V8 takes what is in its old copies for alive until it cleans up thoroughly. Measured, a quarter of a POST's time.
   */
  readonly running: ServerResponse[];
  /** When something last began or ended on it: it was opened, a request came, an answer was sent. Counts such events of the whole server. */
  lastUsed: number;
}

/**
 * The connections of a web server, at most `max`. When all places are taken the longest idle connection makes room, so
 * idle connections cannot keep out active ones. A new connection is the last to go: its request is on its way.
 */
export class Connections {
  readonly #server: Server;
  readonly #max: number;
  readonly #log: Log;
  /** By peer. */
  readonly #open = new Map<string, Connection>();
  #uses = 0;
  readonly #warnOfCut: (count: number) => void;
  #stopped: Promise<void> | undefined;

  constructor(server: Server, max: number, log: Log) {
    this.#server = server;
    this.#max = max;
    this.#log = log;
    this.#warnOfCut = createCountedWarning(
      log,
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
    this.#open.set(peer, { socket, running: [], lastUsed: ++this.#uses });
    socket.once("close", () => {
      if (this.#open.get(peer)?.socket === socket) this.#open.delete(peer);
    });
  }

  /** @returns whether it could: a connection that waits for an answer of ours is never cut, one that doesn't fetch it may be. */
  #makeRoom(): boolean {
    let longest: readonly [peer: string, connection: Connection] | undefined;
    for (const entry of this.#open) {
      const [, { running, lastUsed }] = entry;
      if (running.some((res) => res.req.complete && !res.writableEnded)) continue;
      if (longest === undefined || lastUsed < longest[1].lastUsed) longest = entry;
    }
    if (longest === undefined) return false;
    const [peer, { socket }] = longest;
    this.#warnOfCut(1);
    this.#open.delete(peer);
    socket.destroy();
    return true;
  }

  #onRequest(res: ServerResponse): void {
    const { socket } = res.req;
    // None when it has just been cut: then there is nobody to answer.
    const connection = this.#open.get(peerOf(socket));
    connection?.running.push(res);
    // Once a request: one whose body never ends grows old like an idle connection.
    if (connection !== undefined) connection.lastUsed = ++this.#uses;
    if (this.#stopped !== undefined) res.setHeader("Connection", "close");
    res.on("close", () => {
      connection?.running.splice(connection.running.indexOf(res), 1);
      // Its headers may have promised to keep the connection.
      if (this.#stopped !== undefined) socket.destroySoon();
      else if (connection !== undefined && res.writableFinished) connection.lastUsed = ++this.#uses;
    });
  }

  async #stop(deadlineMs: number): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const { socket, running } of this.#open.values()) {
      for (const res of running) if (!res.headersSent) res.setHeader("Connection", "close");
      if (running.length === 0) socket.destroy();
    }
    const deadline = setTimeout(() => {
      const requests = [...this.#open.values()].reduce((sum, { running }) => sum + running.length, 0);
      this.#log.warn({ requests }, "requests were cut off by the end of the program");
      for (const { socket } of this.#open.values()) socket.destroy();
    }, deadlineMs);
    await closed;
    clearTimeout(deadline);
  }
}

function peerOf(socket: Socket): string {
  return `${socket.remoteAddress ?? ""}|${socket.remotePort ?? 0}`;
}
