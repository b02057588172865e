import { once } from "node:events";
import net from "node:net";
import type { BrokerUser } from "./broker-users.js";
import { WireReader, type WireFrame, writeWire } from "./stomp-broker/wire.js";

/**
 * A STOMP client that is not ours: sends what it is told and keeps what comes. For tests that play the platform, and
 * for those that look at a broker from outside.
 */
export class RawStompClient {
  readonly #socket: net.Socket;
  readonly #reader = new WireReader();
  readonly #frames: WireFrame[] = [];
  readonly #waiters = new Set<() => void>();
  #onFrame: (frame: WireFrame) => boolean = () => false;
  #lastReceipt = 0;
  closed = false;

  private constructor(socket: net.Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => {
      for (const frame of this.#reader.push(chunk)) {
        if (frame !== "beat" && !this.#onFrame(frame)) this.#frames.push(frame);
      }
      this.#wake();
    });
    socket.on("error", () => undefined);
    socket.once("close", () => {
      this.closed = true;
      this.#wake();
    });
  }

  static async connect(port: number, user: BrokerUser): Promise<RawStompClient> {
    const socket = net.connect(port, "127.0.0.1");
    await once(socket, "connect");
    const client = new RawStompClient(socket);
    const { login, passcode } = user;
    client.send("CONNECT", { "accept-version": "1.2", host: "test", login, passcode });
    await client.next(({ command }) => command === "CONNECTED");
    return client;
  }

  /** Sees every frame first; what it returns true for is not kept. */
  onFrame(handler: (frame: WireFrame) => boolean): void {
    this.#onFrame = handler;
  }

  send(command: string, headers: Readonly<Record<string, string | undefined>>, body?: Buffer | string): void {
    this.#socket.write(writeWire(command, headers, body));
  }

  /** Sends, and waits for the broker's receipt. */
  async confirm(
    command: string,
    headers: Readonly<Record<string, string | undefined>>,
    body?: Buffer | string,
  ): Promise<void> {
    const receipt = `raw-${++this.#lastReceipt}`;
    this.send(command, { ...headers, receipt }, body);
    const answer = await this.next(({ headers: { "receipt-id": id } }) => id === receipt);
    if (answer.command !== "RECEIPT")
      throw new Error(`${command} was refused: ${answer.headers["message"] ?? ""}`);
  }

  /** Takes the first kept frame that fits, waiting for it if need be. */
  async next(fits: (frame: WireFrame) => boolean, withinMs = 30_000): Promise<WireFrame> {
    const deadline = Date.now() + withinMs;
    for (;;) {
      const at = this.#frames.findIndex(fits);
      const [found] = at < 0 ? [] : this.#frames.splice(at, 1);
      if (found !== undefined) return found;
      if (this.closed || Date.now() >= deadline)
        throw new Error(`No such frame; there are ${this.#summary()}`);
      await this.#somethingCame(deadline - Date.now());
    }
  }

  close(): void {
    this.#socket.destroy();
  }

  #somethingCame(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const came = () => {
        clearTimeout(timer);
        this.#waiters.delete(came);
        resolve();
      };
      const timer = setTimeout(came, withinMs);
      this.#waiters.add(came);
    });
  }

  #wake(): void {
    for (const came of [...this.#waiters]) came();
  }

  #summary(): string {
    const texts = this.#frames.map(({ command, headers }) => `${command} ${headers["message"] ?? ""}`);
    return `${this.closed ? "a closed connection and " : ""}[${texts.join(", ")}]`;
  }
}
