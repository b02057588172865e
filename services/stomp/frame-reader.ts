const LF = 10;
const CR = 13;

/** Much more than the headers of the platform's messages. */
const maxHeadBytes = 64 * 1024;
const maxHeaders = 200;
/** Much more than the largest message of the platform: what doesn't end must not fill our memory. */
const maxBodyBytes = 8 * 1024 * 1024;

/** stompjs trims headers with a pattern that takes quadratic time on blanks within them. No header has so many. */
const manyBlanks = /\s{200,}/gu;

export interface WholeFrame {
  /** Command and headers with the empty line, without content-length. */
  readonly head: Buffer;
  readonly body: Buffer;
}

/** The bytes are not, or too long to be, a frame. The message completes "The message broker sent …". */
export class FrameError extends Error {}

/**
 * Finds the frames in what comes over a socket, and bounds each part of them while it comes. stompjs would keep whatever
 * comes as an array of numbers, and be busy with a long one for seconds.
 */
export class FrameReader {
  /** Of a frame that has begun. */
  #head: Buffer = Buffer.alloc(0);
  /** Of the frame whose head is complete. */
  #open: { readonly head: Buffer; readonly length: number | undefined } | undefined;
  #body: Buffer = Buffer.alloc(0);
  #bodyBytes = 0;

  /** @throws FrameError: nothing that follows can be understood */
  *push(chunk: Buffer): Generator<WholeFrame> {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#open === undefined) {
        rest = this.#takeHead(rest);
        continue;
      }
      const end = this.#endOfBody(rest);
      this.#keep(rest.subarray(0, end));
      if (end === undefined) return;
      if (rest[end] !== 0) throw new FrameError("a frame that is longer than its content-length");
      rest = rest.subarray(end + 1);
      yield { head: this.#open.head, body: this.#body.subarray(0, this.#bodyBytes) };
      this.#open = undefined;
    }
  }

  #takeHead(bytes: Buffer): Buffer {
    const isNew = this.#head.length === 0;
    const text = isNew ? bytes.subarray(endOfBeats(bytes)) : Buffer.concat([this.#head, bytes]);
    const end = endOfHead(text, isNew ? 0 : this.#head.length - 2);
    if ((end ?? text.length) > maxHeadBytes)
      throw new FrameError(`headers of more than ${maxHeadBytes} bytes`);
    if (end === undefined) {
      this.#head = Buffer.from(text);
      return text.subarray(text.length);
    }
    this.#head = Buffer.alloc(0);
    this.#open = readHead(text.subarray(0, end));
    this.#body = Buffer.alloc(0);
    this.#bodyBytes = 0;
    return text.subarray(end);
  }

  /** Where the body ends in these bytes, if it does. */
  #endOfBody(bytes: Buffer): number | undefined {
    const length = this.#open?.length;
    const end = length === undefined ? bytes.indexOf(0) : length - this.#bodyBytes;
    return end >= 0 && end < bytes.length ? end : undefined;
  }

  #keep(bytes: Buffer): void {
    const needed = this.#bodyBytes + bytes.length;
    if (needed > maxBodyBytes) throw tooLong();
    if (needed > this.#body.length) {
      const larger = Buffer.allocUnsafe(Math.min(Math.max(needed, 2 * this.#body.length), maxBodyBytes));
      this.#body.copy(larger, 0, 0, this.#bodyBytes);
      this.#body = larger;
    }
    bytes.copy(this.#body, this.#bodyBytes);
    this.#bodyBytes = needed;
  }
}

function tooLong(): FrameError {
  return new FrameError(`a frame of more than ${maxBodyBytes} bytes`);
}

/** Between frames there may be line breaks, the heart-beats among them. */
function endOfBeats(bytes: Buffer): number {
  let at = 0;
  while (bytes[at] === LF || bytes[at] === CR || bytes[at] === 0) at += 1;
  return at;
}

/** Behind the first empty line. */
function endOfHead(text: Buffer, from: number): number | undefined {
  for (let at = text.indexOf(LF, Math.max(0, from)); at >= 0; at = text.indexOf(LF, at + 1)) {
    const next = text[at + 1] === CR ? at + 2 : at + 1;
    if (text[next] === LF) return next + 1;
  }
  return undefined;
}

function readHead(bytes: Buffer): { readonly head: Buffer; readonly length: number | undefined } {
  // Behind the last header come an empty line and, behind its end, nothing.
  const lines = bytes
    .toString("utf8")
    .split("\n")
    .slice(0, -2)
    .map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line).replace(manyBlanks, " "));
  if (lines.length - 1 > maxHeaders) throw new FrameError(`a frame of more than ${maxHeaders} headers`);
  if (lines.slice(1).some((line) => !line.includes(":"))) throw new FrameError("a header without a value");
  const isLength = (line: string): boolean => line.startsWith("content-length:");
  const others = lines.filter((line) => !isLength(line));
  const told = lines.find(isLength)?.slice("content-length:".length).trim();
  return { head: Buffer.from(`${others.join("\n")}\n\n`), length: lengthOf(told) };
}

function lengthOf(told: string | undefined): number | undefined {
  if (told === undefined) return undefined;
  if (!/^\d{1,15}$/.test(told)) throw new FrameError("a content-length that is none");
  const length = Number(told);
  if (length > maxBodyBytes) throw tooLong();
  return length;
}
