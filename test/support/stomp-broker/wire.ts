/**
 * STOMP 1.2 on the wire for the broker double and the foreign client. Written apart from services/stomp, so that the
 * product is never tested against itself.
 */
export interface WireFrame {
  readonly command: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export class MalformedFrame extends Error {}

const unescaped: Readonly<Record<string, string>> = { n: "\n", r: "\r", c: ":", "\\": "\\" };

/** Bytes in any portions → frames; `"\n"` between frames is a heart-beat. */
export class WireReader {
  #chunks: Buffer[] = [];
  #length = 0;
  /** Not worth looking before this many bytes are there: keeps big bodies from being searched again and again. */
  #needed = 1;

  *push(chunk: Buffer): Generator<WireFrame | "beat"> {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    while (this.#length >= this.#needed) {
      const bytes = this.#chunks.length === 1 ? (this.#chunks[0] ?? chunk) : Buffer.concat(this.#chunks);
      const parsed = parse(bytes);
      this.#chunks = [bytes.subarray(parsed.used)];
      this.#length = bytes.length - parsed.used;
      this.#needed = Math.max(this.#length + 1, parsed.needed);
      if (parsed.frame === undefined) return;
      this.#needed = 1;
      yield parsed.frame;
    }
  }
}

interface Parsed {
  readonly used: number;
  readonly needed: number;
  readonly frame?: WireFrame | "beat";
}

function parse(bytes: Buffer): Parsed {
  if (bytes[0] === 0x0a) return { used: 1, needed: 0, frame: "beat" };
  const headEnd = bytes.indexOf("\n\n");
  if (headEnd < 0) return { used: 0, needed: 0 };
  const [command = "", ...lines] = bytes.subarray(0, headEnd).toString("utf8").split("\n");
  const headers = parseHeaders(command, lines);
  const start = headEnd + 2;
  const length = headers["content-length"];
  const end = length === undefined ? bytes.indexOf(0, start) : start + Number(length);
  if (end < 0) return { used: 0, needed: 0 };
  if (bytes.length < end + 1) return { used: 0, needed: end + 1 };
  if (bytes[end] !== 0) throw new MalformedFrame("the body does not end with NUL");
  return { used: end + 1, needed: 0, frame: { command, headers, body: bytes.subarray(start, end) } };
}

function parseHeaders(command: string, lines: readonly string[]): Record<string, string> {
  const plain = command === "CONNECT" || command === "CONNECTED";
  const read = plain ? (text: string) => text : unescape;
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon < 0) throw new MalformedFrame(`a header without colon: ${line}`);
    headers[read(line.slice(0, colon))] ??= read(line.slice(colon + 1));
  }
  return headers;
}

function unescape(text: string): string {
  return text.replace(/\\(.)/g, (_, code: string) => {
    const meaning = unescaped[code];
    if (meaning === undefined) throw new MalformedFrame(`an undefined escape: \\${code}`);
    return meaning;
  });
}

export function writeWire(
  command: string,
  headers: Readonly<Record<string, string | undefined>>,
  body: Buffer | string = "",
): Buffer {
  const plain = command === "CONNECT" || command === "CONNECTED";
  const write = plain ? (text: string) => text : escape;
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [`${write(name)}:${write(value)}\n`],
  );
  return Buffer.concat([Buffer.from(`${command}\n${lines.join("")}\n`), Buffer.from(body), Buffer.from([0])]);
}

function escape(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\r", "\\r").replaceAll(":", "\\c");
}
