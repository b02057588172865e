import type { Socket } from "node:net";
import type { BrokerCore, Headers } from "./broker-core.js";
import { ClientWork } from "./client-work.js";
import { MalformedFrame, WireReader, type WireFrame, writeWire } from "./wire.js";

/** One client of the double, from its first byte: login, heart-beats, answers. */
export class BrokerConnection {
  readonly #socket: Socket;
  readonly #core: BrokerCore;
  readonly #reader = new WireReader();
  readonly #timers: NodeJS.Timeout[] = [];
  #client: ClientWork | undefined;
  #lastHeard = Date.now();
  #delayed: Promise<void> = Promise.resolve();

  constructor(socket: Socket, core: BrokerCore) {
    this.#socket = socket;
    this.#core = core;
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => {
      this.#onData(chunk);
    });
    socket.on("error", () => undefined);
    socket.once("close", () => {
      for (const timer of this.#timers) clearInterval(timer);
      this.#client?.end();
    });
  }

  /** Without a word. */
  drop(): void {
    this.#socket.destroy();
  }

  raw(bytes: Buffer | string): void {
    this.#socket.write(bytes);
  }

  #onData(chunk: Buffer): void {
    this.#lastHeard = Date.now();
    try {
      for (const frame of this.#reader.push(chunk)) if (frame !== "beat") this.#schedule(frame);
    } catch (error) {
      if (!(error instanceof MalformedFrame)) throw error;
      this.drop();
    }
  }

  #schedule(frame: WireFrame): void {
    const { delayMs } = this.#core;
    if (delayMs === 0) {
      this.#onFrame(frame);
      return;
    }
    this.#delayed = this.#delayed
      .then(() => new Promise((resolve) => setTimeout(resolve, delayMs)))
      .then(() => {
        if (!this.#socket.destroyed) this.#onFrame(frame);
      });
  }

  #onFrame({ command, headers, body }: WireFrame): void {
    const refusal = this.#core.refusal(command);
    if (refusal !== undefined && command === "CONNECT") this.#fatal(refusal, headers);
    else if (refusal !== undefined) this.#error(refusal, headers);
    else if (command === "CONNECT" || command === "STOMP") this.#connect(headers);
    else if (this.#client === undefined) this.#fatal("Not connected.", headers);
    else if (command === "DISCONNECT") {
      this.#receipt(headers);
      this.#socket.end();
    } else if (!this.#client.handle(command, headers, body)) {
      this.#fatal(`Unknown STOMP action: ${command}`, headers);
    }
  }

  #connect(headers: Headers): void {
    const user = this.#core.user(headers["login"]);
    if (user === undefined || user.passcode !== headers["passcode"]) {
      this.#fatal(`User name [${headers["login"] ?? ""}] or password is invalid.`, {});
      return;
    }
    if (!(headers["accept-version"] ?? "").split(",").includes("1.2")) {
      this.#fatal("Unsupported version: only 1.2", {});
      return;
    }
    const session = `ID:${this.#core.name}-${this.#core.nextNumber()}`;
    this.#client = new ClientWork(session, this.#core, user, {
      message: (facts, body) => {
        this.#write("MESSAGE", facts, body);
      },
      receipt: (asked) => {
        this.#receipt(asked);
      },
      error: (message, asked) => {
        this.#error(message, asked);
      },
    });
    const [promised = 0, wanted = 0] = (headers["heart-beat"] ?? "0,0").split(",").map(Number);
    this.#write("CONNECTED", {
      version: "1.2",
      server: "double",
      session,
      "heart-beat": `${wanted},${promised}`,
    });
    this.#beat(promised, wanted);
  }

  #beat(promisedMs: number, wantedMs: number): void {
    if (wantedMs > 0) this.#timers.push(setInterval(() => this.#socket.write("\n"), wantedMs));
    if (promisedMs === 0) return;
    const look = () => {
      if (Date.now() - this.#lastHeard > 2 * promisedMs) this.drop();
    };
    this.#timers.push(setInterval(look, promisedMs));
  }

  #receipt(headers: Headers): void {
    if (headers["receipt"] !== undefined) this.#write("RECEIPT", { "receipt-id": headers["receipt"] });
  }

  #error(message: string, headers: Headers): void {
    this.#write(
      "ERROR",
      { message, "content-type": "text/plain", "receipt-id": headers["receipt"] },
      message,
    );
  }

  #fatal(message: string, headers: Headers): void {
    this.#error(message, headers);
    this.#socket.end();
  }

  #write(
    command: string,
    headers: Readonly<Record<string, string | undefined>>,
    body?: Buffer | string,
  ): void {
    if (this.#socket.writable) this.#socket.write(writeWire(command, headers, body));
  }
}
