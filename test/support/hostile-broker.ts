import { once } from "node:events";
import net, { type AddressInfo, type Socket } from "node:net";
import { type WireFrame, WireReader, writeWire } from "./stomp-broker/wire.js";

/** Takes the login and the subscriptions as a broker does; what comes after that is up to the test, byte for byte. */
export interface HostileBroker extends AsyncDisposable {
  readonly port: number;
  /** The next connection that has subscribed. */
  subscribed(): Promise<Socket>;
}

/** What it answers to CONNECT. */
export type Greeting = (connect: WireFrame) => Buffer;

const polite: Greeting = () => writeWire("CONNECTED", { version: "1.2" });

export async function startHostileBroker(greeting = polite): Promise<HostileBroker> {
  const ready: Socket[] = [];
  const waiting: ((socket: Socket) => void)[] = [];
  const open = new Set<Socket>();
  const server = net.createServer((socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket)).on("error", () => undefined);
    welcome(socket, greeting, () => {
      const next = waiting.shift();
      if (next === undefined) ready.push(socket);
      else next(socket);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    subscribed: () => {
      const socket = ready.shift();
      return socket === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(socket);
    },
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

function welcome(socket: Socket, greeting: Greeting, onSubscribed: () => void): void {
  const reader = new WireReader();
  socket.on("data", (chunk) => {
    for (const frame of reader.push(chunk)) {
      if (frame === "beat") continue;
      const { receipt } = frame.headers;
      if (frame.command === "CONNECT") socket.write(greeting(frame));
      else if (receipt !== undefined) socket.write(writeWire("RECEIPT", { "receipt-id": receipt }));
      if (frame.command === "SUBSCRIBE") setImmediate(onSubscribed);
    }
  });
}
