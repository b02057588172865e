import net from "node:net";

export interface RawAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Far more than any answer takes: whoever needs longer hangs. */
const PATIENCE_MS = 45_000;

/**
 * Sends bytes as they are, each piece in a write of its own, and reads until the other side closes. A reset counts as
 * an end: who is cut off while it still sends sees one.
 */
export function exchangeRaw(port: number, pieces: readonly Uint8Array[]): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port, host: "127.0.0.1", noDelay: true });
    const received: Buffer[] = [];
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`no end within ${PATIENCE_MS} ms; so far: ${Buffer.concat(received).toString()}`));
    }, PATIENCE_MS);
    socket.on("data", (chunk) => received.push(chunk));
    socket.on("error", () => undefined);
    socket.once("close", () => {
      clearTimeout(timer);
      resolve(Buffer.concat(received));
    });
    for (const piece of pieces) socket.write(piece);
  });
}

/** Every answer in what came, each with the length it promises; throws on anything else. */
export function parseAnswers(bytes: Buffer, isHead = false): readonly RawAnswer[] {
  const answers: RawAnswer[] = [];
  let rest = bytes;
  while (rest.length > 0) {
    const end = rest.indexOf("\r\n\r\n");
    if (end < 0) throw new Error(`half an answer: ${rest.toString()}`);
    const [first = "", ...lines] = rest.subarray(0, end).toString("latin1").split("\r\n");
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1]);
    if (!(status >= 100)) throw new Error(`not a status line: ${first}`);
    const headers = new Map(lines.map(readHeader));
    rest = rest.subarray(end + 4);
    if (status === 100) continue;
    const length = isHead ? 0 : Number(headers.get("content-length"));
    if (!(length >= 0 && length <= rest.length))
      throw new Error(`body of another length: ${rest.toString()}`);
    answers.push({ status, headers, body: rest.subarray(0, length).toString("utf8") });
    rest = rest.subarray(length);
  }
  return answers;
}

function readHeader(line: string): readonly [string, string] {
  const [, name, value] = /^([!#$%&'*+.^`|~\w-]+): (.*)$/.exec(line) ?? [];
  if (name === undefined || value === undefined) throw new Error(`not a header: ${line}`);
  return [name.toLowerCase(), value];
}
