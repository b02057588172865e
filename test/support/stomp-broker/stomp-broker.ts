import net from "node:net";
import tls from "node:tls";
import type { BrokerUser } from "../broker-users.js";
import type { ServerCertificate } from "../certificates.js";
import { BrokerConnection } from "./broker-connection.js";
import type { BrokerCore } from "./broker-core.js";
import { BrokerQueue } from "./broker-queue.js";

export interface StompBrokerOptions {
  readonly users: readonly BrokerUser[];
  readonly certificate: ServerCertificate;
}

/**
 * A STOMP 1.2 broker inside the test's process, held to ActiveMQ's behaviour by running the same suite on both.
 * Messages are kept while nobody listens; persistent ones survive `kill`.
 */
export class StompBroker implements BrokerCore {
  readonly name = "double";
  delayMs = 0;
  readonly #options: StompBrokerOptions;
  readonly #queues = new Map<string, BrokerQueue>();
  readonly #connections = new Set<BrokerConnection>();
  readonly #refusals: { readonly command: string; readonly text: string }[] = [];
  #servers: net.Server[] = [];
  #ports: readonly [plain: number, tls: number] = [0, 0];
  #number = 0;

  constructor(options: StompBrokerOptions) {
    this.#options = options;
  }

  get port(): number {
    return this.#ports[0];
  }

  get tlsPort(): number {
    return this.#ports[1];
  }

  /** How many clients are connected: nobody should be after a link has stopped. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Listens; after a `kill` on the same ports as before. */
  async start(): Promise<void> {
    const serve = (socket: net.Socket) => {
      this.#serve(socket);
    };
    const { key, cert } = this.#options.certificate;
    this.#servers = [net.createServer(serve), tls.createServer({ key, cert }, serve)];
    const [plain, secure] = this.#servers;
    this.#ports = [await listen(plain, this.#ports[0]), await listen(secure, this.#ports[1])];
  }

  /** As a power cut does it: no good-byes, no more than the disk holds. */
  async kill(): Promise<void> {
    const closed = this.#servers.map((server) => new Promise((resolve) => server.close(resolve)));
    this.#servers = [];
    this.dropConnections();
    for (const queue of this.#queues.values()) queue.crash();
    await Promise.all(closed);
  }

  dropConnections(): void {
    for (const connection of this.#connections) connection.drop();
  }

  /** Answers the next such command of any client with ERROR and this text. */
  refuse(command: string, text: string): void {
    this.#refusals.push({ command, text });
  }

  /** Bytes to every client, frames or not. */
  sendRaw(bytes: string): void {
    for (const connection of this.#connections) connection.raw(bytes);
  }

  user(login: string | undefined): BrokerUser | undefined {
    return this.#options.users.find((user) => user.login === login);
  }

  queue(name: string): BrokerQueue {
    const known = this.#queues.get(name);
    if (known !== undefined) return known;
    const queue = new BrokerQueue(name);
    this.#queues.set(name, queue);
    return queue;
  }

  nextNumber(): number {
    return ++this.#number;
  }

  refusal(command: string): string | undefined {
    const at = this.#refusals.findIndex((refusal) => refusal.command === command);
    return at < 0 ? undefined : this.#refusals.splice(at, 1)[0]?.text;
  }

  #serve(socket: net.Socket): void {
    const connection = new BrokerConnection(socket, this);
    this.#connections.add(connection);
    socket.once("close", () => this.#connections.delete(connection));
  }
}

function listen(server: net.Server | undefined, port: number): Promise<number> {
  if (server === undefined) throw new Error("no server to listen with");
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}
