import { type FileHandle, open, readFile } from "node:fs/promises";
import writeFileAtomic from "write-file-atomic";
import { z } from "zod";

const entrySchema = z.object({ key: z.string(), value: z.string() });
export type OriginEntry = Readonly<z.infer<typeof entrySchema>>;

/** It tells which incidents went to TruSTAR: nobody else on the machine reads it. */
const MODE = 0o600;

/** Entries as lines of JSON: appended as they come, rewritten when there are too many. One writer at a time. */
export class OriginFile {
  readonly #path: string;
  readonly #maxLines: number;
  #handle: FileHandle;
  #lines = 0;
  #queue: Promise<void> = Promise.resolve();

  private constructor(path: string, maxLines: number, handle: FileHandle) {
    this.#path = path;
    this.#maxLines = maxLines;
    this.#handle = handle;
  }

  static async open(path: string, maxLines: number): Promise<OriginFile> {
    return new OriginFile(path, maxLines, await open(path, "a", MODE));
  }

  /** What can be read; a crash may have cut the last line short. */
  async load(): Promise<OriginEntry[]> {
    const text = await readFile(this.#path, "utf8");
    return text.split("\n").flatMap((line) => readEntry(line) ?? []);
  }

  /** @param all what a rewritten file should hold */
  append(entries: readonly OriginEntry[], all: () => readonly OriginEntry[]): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#lines + entries.length > this.#maxLines) {
        await this.#rewrite(all());
        return;
      }
      // The line break in front ends a line that a full disk cut short.
      await this.#handle.appendFile(`\n${toLines(entries)}`);
      this.#lines += entries.length;
    });
  }

  compact(entries: readonly OriginEntry[]): Promise<void> {
    return this.#inTurn(() => this.#rewrite(entries));
  }

  close(): Promise<void> {
    return this.#inTurn(() => this.#handle.close());
  }

  async #rewrite(entries: readonly OriginEntry[]): Promise<void> {
    await writeFileAtomic(this.#path, toLines(entries), { mode: MODE });
    await this.#handle.close();
    this.#handle = await open(this.#path, "a", MODE);
    this.#lines = entries.length;
  }

  #inTurn(job: () => Promise<void>): Promise<void> {
    const turn = this.#queue.then(job);
    this.#queue = turn.catch(() => undefined);
    return turn;
  }
}

function toLines(entries: readonly OriginEntry[]): string {
  return entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");
}

function readEntry(line: string): OriginEntry | undefined {
  try {
    return entrySchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
