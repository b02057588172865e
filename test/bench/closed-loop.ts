import { once } from "node:events";
import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** One answer, as far as a row looks at it. */
export interface Answered {
  readonly status: number;
  readonly body: string;
}

export interface LoadOptions {
  readonly port: number;
  readonly connections: number;
  /** The next request as it goes over the wire; undefined = this connection is done. */
  readonly next: () => string | undefined;
  readonly onAnswer?: (answer: Answered, request: string) => void;
}

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  readonly byStatus: ReadonlyMap<number, number>;
  /** Of each answer, the quickest first. */
  readonly latenciesMs: Float64Array;
}

const acceptMs = 50;

/**
 * A pool of open connections, each of which sends its next request when it has the last one's answer: the way the platform's
 * threads post. On raw sockets, because on two cores an HTTP client would take the time that is to be measured.
 */
export async function closedLoop(options: LoadOptions): Promise<LoadResult> {
  const latencies: number[] = [];
  const byStatus = new Map<number, number>();
  const sockets = await Promise.all(Array.from({ length: options.connections }, () => connect(options.port)));
  // libuv accepts one connection in a turn of its loop: who posts at once would measure that.
  await sleep(acceptMs);
  const startedMs = performance.now();
  const record = (answer: Answered, request: string, ms: number): void => {
    latencies.push(ms);
    byStatus.set(answer.status, (byStatus.get(answer.status) ?? 0) + 1);
    options.onAnswer?.(answer, request);
  };
  await Promise.all(sockets.map((socket) => drive(socket, options, record)));
  const seconds = (performance.now() - startedMs) / 1_000;
  const latenciesMs = Float64Array.from(latencies).sort();
  return { requests: latencies.length, seconds, byStatus, latenciesMs };
}

/**
 * Milliseconds below which this share (0 to 1) of the answers came.
 * @param latenciesMs in rising order
 */
export function latencyOf(latenciesMs: Float64Array, share: number): number {
  return latenciesMs[Math.min(latenciesMs.length - 1, Math.floor(latenciesMs.length * share))] ?? 0;
}

type Recorder = (answer: Answered, request: string, ms: number) => void;

async function connect(port: number): Promise<net.Socket> {
  const socket = net.connect({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  return socket;
}

async function drive(socket: net.Socket, { next }: LoadOptions, record: Recorder): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let received = "";
    let request: string | undefined;
    let sentMs = 0;
    const send = (): void => {
      request = next();
      if (request === undefined) {
        resolve();
        return;
      }
      sentMs = performance.now();
      socket.write(request);
    };
    socket.setEncoding("latin1").on("data", (chunk: string) => {
      received += chunk;
      const answer = readAnswer(received);
      if (answer === undefined || request === undefined) return;
      received = "";
      record(answer, request, performance.now() - sentMs);
      send();
    });
    socket.once("error", reject).once("close", () => {
      reject(new Error("the server closed the connection"));
    });
    send();
  });
  socket.removeAllListeners("close").destroy();
}

/** undefined = not all of it is here. Every server of this bench sends Content-Length. */
function readAnswer(text: string): Answered | undefined {
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd === -1) return undefined;
  const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1];
  if (length === undefined) throw new Error(`no Content-Length: ${text.slice(0, headEnd)}`);
  if (text.length < headEnd + 4 + Number(length)) return undefined;
  return { status: Number(text.slice(9, 12)), body: text.slice(headEnd + 4) };
}

/** Requests for as long as the clock says. */
export function during(seconds: number, next: () => string): () => string | undefined {
  const endMs = performance.now() + seconds * 1_000;
  return () => (performance.now() < endMs ? next() : undefined);
}
