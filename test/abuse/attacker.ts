import { once } from "node:events";
import net, { type Socket } from "node:net";

export interface Attack {
  readonly socket: Socket;
  /** Everything that came, once the other side has closed. */
  readonly ended: Promise<string>;
}

/** A connection whose end is no failure, however it comes. */
export async function connectTo(port: number, localAddress?: string): Promise<Attack> {
  const socket = net.connect({
    port,
    host: "127.0.0.1",
    noDelay: true,
    ...(localAddress && { localAddress }),
  });
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  socket.on("error", () => undefined);
  const ended = new Promise<string>((resolve) => {
    socket.once("close", () => {
      resolve(Buffer.concat(chunks).toString("latin1"));
    });
  });
  await once(socket, "connect");
  return { socket, ended };
}

/** Sends one text and reads to the end. */
export async function send(port: number, text: string, localAddress?: string): Promise<string> {
  const { socket, ended } = await connectTo(port, localAddress);
  socket.write(text);
  return ended;
}

/** One byte of `text` after the other, as slowly as `everyMs`, for as long as the other side stands it. */
export async function drip(port: number, start: string, text: string, everyMs: number): Promise<string> {
  const { socket, ended } = await connectTo(port);
  socket.write(start);
  let at = 0;
  const timer = setInterval(() => {
    if (!socket.destroyed) socket.write(text.charAt((at += 1) % text.length));
  }, everyMs);
  const answer = await ended;
  clearInterval(timer);
  return answer;
}

/** Streams `bytes` of body, no faster than they are taken. @returns what came back */
export async function stream(port: number, head: string, bytes: number, isChunked: boolean): Promise<string> {
  const { socket, ended } = await connectTo(port);
  const isOver = ended.then(() => undefined);
  const block = Buffer.alloc(1024 * 1024, "x");
  const piece = isChunked
    ? Buffer.concat([Buffer.from(`${block.length.toString(16)}\r\n`), block, Buffer.from("\r\n")])
    : block;
  socket.write(head);
  for (let sent = 0; sent < bytes && !socket.destroyed; sent += block.length) {
    if (!socket.write(piece)) {
      await Promise.race([new Promise((resolve) => socket.once("drain", resolve)), isOver]);
    }
  }
  if (isChunked) socket.write("0\r\n\r\n");
  return ended;
}

export function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1]);
}
