import { mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import type { z } from "zod";
import { codeOf } from "../../src/core/error-code.js";
import type { Log } from "../../src/core/ports.js";
import { inPieces, replaceFile } from "../../src/core/replace-file.js";
import { type Clock, SECOND_MS, systemClock } from "../../src/core/time.js";

export interface AppendFileOptions<T> {
  readonly path: string;
  /** What it is, for the log. */
  readonly name: string;
  readonly entry: z.ZodType<T>;
  /** With more than this it is written anew; what stands before its last `maxBytes` is not read. */
  readonly maxLines: number;
  readonly maxBytes: number;
  /** What it should hold when it is written anew. */
  readonly all: () => readonly T[];
  readonly log: Log;
  readonly clock?: Clock | undefined;
  readonly openToAppend?: OpenToAppend | undefined;
}

/** A parameter, because no test can fill the disk. */
export type OpenToAppend = (path: string) => Promise<Appendable>;

export interface Appendable {
  appendFile(text: string): Promise<void>;
  close(): Promise<void>;
}

/** What it holds tells of incidents: nobody else on the machine reads it. */
const MODE = 0o600;
/** A disk that was full a moment ago is still full, and everything would have to be written. */
const retryAfterMs = 5 * SECOND_MS;

/**
 * A memory on disk: entries as lines of JSON, appended as they come, replaced atomically when there are too many. A line
 * that a crash tore is skipped when read. A disk that can't be read or written costs the memory, never the service:
 * everything is written as soon as it can be. Written means handed to the operating system; a power cut may cost the
 * last entries. One writer at a time.
 */
export class AppendFile<T> {
  readonly #options: AppendFileOptions<T>;
  #handle: Appendable | undefined;
  #lines = 0;
  #bytes = 0;
  #queue: Promise<void> = Promise.resolve();
  #failedAtMs: number | undefined;
  #closed = false;

  constructor(options: AppendFileOptions<T>) {
    this.#options = options;
  }

  /** Everything that can be read, oldest first, one by one; nothing when there is no such file. */
  async load(): Promise<Iterable<T>> {
    const { path, maxBytes, name, log } = this.#options;
    try {
      return this.#entriesOf(await readTail(path, maxBytes));
    } catch (error) {
      if (codeOf(error) !== "ENOENT")
        log.error({ err: error, path }, `${name}: its file can't be read, it begins anew`);
      return [];
    }
  }

  *#entriesOf(bytes: Buffer): Generator<T> {
    for (let from = 0; from < bytes.length;) {
      const lineBreak = bytes.indexOf(10, from);
      const end = lineBreak === -1 ? bytes.length : lineBreak;
      yield* this.#parse(bytes.toString("utf8", from, end));
      from = end + 1;
    }
  }

  /** Writes the whole file anew; the first thing to do with it. Never rejects. */
  compact(): Promise<void> {
    return this.#inTurn(() => this.#rewrite());
  }

  /** Resolves when the entries are on disk, or the log says why not. Never rejects. */
  append(entries: readonly T[]): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#closed) throw new Error("the file is closed");
      if (this.#failedAtMs !== undefined && this.#now() < this.#failedAtMs + retryAfterMs) return;
      // The line break in front ends a line that a full disk cut short.
      const text = `\n${[...linesOf(entries)].join("")}`;
      const bytes = Buffer.byteLength(text);
      const { maxLines, maxBytes } = this.#options;
      const isFull = this.#lines + entries.length > maxLines || this.#bytes + bytes > maxBytes;
      if (this.#handle === undefined || isFull || this.#failedAtMs !== undefined) {
        await this.#rewrite();
        this.#works();
        return;
      }
      this.#lines += entries.length;
      this.#bytes += bytes;
      await this.#handle.appendFile(text);
    });
  }

  close(): Promise<void> {
    return this.#inTurn(async () => {
      this.#closed = true;
      await this.#closeHandle();
    });
  }

  async #rewrite(): Promise<void> {
    const { path, all, openToAppend = openForOwner } = this.#options;
    const entries = all();
    let bytes = 0;
    const pieces = function* (): Generator<string> {
      for (const piece of inPieces(linesOf(entries))) {
        bytes += Buffer.byteLength(piece);
        yield piece;
      }
    };
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await replaceFile(path, pieces(), { mode: MODE });
    await this.#closeHandle();
    this.#handle = await openToAppend(path);
    this.#lines = entries.length;
    this.#bytes = bytes;
  }

  async #closeHandle(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  #inTurn(job: () => Promise<void>): Promise<void> {
    this.#queue = this.#queue.then(job).catch((error: unknown) => {
      this.#fails(error);
    });
    return this.#queue;
  }

  /** Says so once, until it works again. */
  #fails(error: unknown): void {
    const { name, path, log } = this.#options;
    if (this.#failedAtMs === undefined) {
      log.error({ err: error, path }, `${name}: its file could not be written; a restart would forget`);
    }
    this.#failedAtMs = this.#now();
  }

  #works(): void {
    const { name, path, log } = this.#options;
    if (this.#failedAtMs !== undefined) log.info({ path }, `${name}: its file can be written again`);
    this.#failedAtMs = undefined;
  }

  #now(): number {
    return (this.#options.clock ?? systemClock).now();
  }

  #parse(line: string): readonly T[] {
    try {
      const parsed = this.#options.entry.safeParse(JSON.parse(line));
      return parsed.success ? [parsed.data] : [];
    } catch {
      return [];
    }
  }
}

const openForOwner: OpenToAppend = (path) => open(path, "a", MODE);

function* linesOf(entries: readonly unknown[]): Generator<string> {
  for (const entry of entries) yield `${JSON.stringify(entry)}\n`;
}

/** Whole lines only: a file that somebody else filled must not fill our memory. */
async function readTail(path: string, maxBytes: number): Promise<Buffer> {
  await using handle = await open(path, "r");
  const { size } = await handle.stat();
  const start = Math.max(0, size - maxBytes);
  const buffer = Buffer.alloc(size - start);
  const { bytesRead } = await handle.read(buffer, 0, buffer.length, start);
  return buffer.subarray(0, bytesRead);
}
