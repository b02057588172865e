import net from "node:net";

/** A wire between link and broker that can be cut at any byte, go silent, or say things of its own. */
export interface FaultProxy {
  readonly port: number;
  /** Connections that clients have opened so far. */
  readonly accepted: number;
  /** Heart-beats that have passed, from either side. */
  readonly beats: Readonly<Record<"client" | "broker", number>>;
  /** Connections that were closed as soon as they were opened. */
  readonly refused: number;
  /** Cuts all connections without a word; new ones work. */
  cut(): void;
  /** Lets the bytes before the next `text` of the client (or the broker) pass, then cuts. */
  cutBefore(from: "client" | "broker", text: string): Promise<void>;
  /** Counts, from now on, the pieces of the broker's (or the client's) bytes that hold `text`. */
  listenFor(from: "client" | "broker", text: string): { readonly heard: number };
  /** Nothing passes any more on the connections there are, and nobody is told: a dead network. */
  freeze(): void;
  /** Bytes for the clients that the broker never sent. */
  inject(bytes: string): void;
  /** From now on connections are closed as soon as they are opened, or taken again. */
  refuse(refusing: boolean): void;
  /** From now on connections are taken but lead nowhere, or work again. */
  hang(hanging: boolean): void;
  close(): Promise<void>;
}

interface Trap {
  readonly from: "client" | "broker";
  readonly text: string;
  readonly sprung: () => void;
}

interface Ear {
  readonly from: "client" | "broker";
  readonly text: string;
  heard: number;
}

interface Pair {
  readonly client: net.Socket;
  readonly broker: net.Socket;
  frozen: boolean;
}

export async function startFaultProxy(targetPort: number): Promise<FaultProxy> {
  const proxy = new Proxying(targetPort);
  await proxy.listen();
  return proxy;
}

class Proxying implements FaultProxy {
  accepted = 0;
  refused = 0;
  readonly beats = { client: 0, broker: 0 };
  readonly #targetPort: number;
  readonly #server = net.createServer((client) => {
    this.#accept(client);
  });
  readonly #pairs = new Set<Pair>();
  readonly #ears: Ear[] = [];
  #trap: Trap | undefined;
  #refusing = false;
  #hanging = false;

  constructor(targetPort: number) {
    this.#targetPort = targetPort;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  cut(): void {
    for (const { client, broker } of this.#pairs) {
      client.destroy();
      broker.destroy();
    }
  }

  cutBefore(from: "client" | "broker", text: string): Promise<void> {
    return new Promise((sprung) => {
      this.#trap = { from, text, sprung };
    });
  }

  listenFor(from: "client" | "broker", text: string): Ear {
    const ear: Ear = { from, text, heard: 0 };
    this.#ears.push(ear);
    return ear;
  }

  freeze(): void {
    for (const pair of this.#pairs) pair.frozen = true;
  }

  inject(bytes: string): void {
    for (const { client } of this.#pairs) client.write(bytes);
  }

  refuse(refusing: boolean): void {
    this.#refusing = refusing;
  }

  hang(hanging: boolean): void {
    this.#hanging = hanging;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.cut();
    await closed;
  }

  #accept(client: net.Socket): void {
    if (this.#refusing) {
      this.refused++;
      client.destroy();
      return;
    }
    this.accepted++;
    const broker = net.connect(this.#targetPort, "127.0.0.1");
    const pair: Pair = { client, broker, frozen: this.#hanging };
    this.#pairs.add(pair);
    this.#pipe(pair, "client", client, broker);
    this.#pipe(pair, "broker", broker, client);
  }

  #pipe(pair: Pair, from: "client" | "broker", source: net.Socket, target: net.Socket): void {
    source.on("data", (chunk: Buffer) => {
      if (pair.frozen) return;
      if (chunk.toString("latin1") === "\n") this.beats[from]++;
      for (const ear of this.#ears) if (ear.from === from && chunk.includes(ear.text)) ear.heard++;
      const at = this.#trap?.from === from ? chunk.indexOf(this.#trap.text) : -1;
      if (at < 0) {
        target.write(chunk);
        return;
      }
      this.#spring(pair, target, chunk.subarray(0, at));
    });
    source.on("error", () => undefined);
    source.once("close", () => {
      this.#pairs.delete(pair);
      // The other side of a dead network hears nothing of this end's going, either.
      if (!pair.frozen || from === "client") target.destroy();
    });
  }

  #spring({ client, broker }: Pair, target: net.Socket, before: Buffer): void {
    const trap = this.#trap;
    this.#trap = undefined;
    target.write(before, () => {
      client.destroy();
      broker.destroy();
      trap?.sprung();
    });
  }
}
