import { type FileHandle, open, readFile } from "node:fs/promises";
import writeFileAtomic from "write-file-atomic";
import { z } from "zod";
import type { Reply } from "../../src/core/action.js";

const replySchema = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.literal("done"),
    message: z.string(),
    results: z.record(z.string(), z.json()).optional(),
  }),
  z.object({ outcome: z.literal("failed"), message: z.string() }),
]);

const entrySchema = z.object({ id: z.string(), at: z.number(), reply: replySchema });

export interface LedgerEntry {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly reply: Reply;
}

/** Answers may hold a report's text: nobody else on the machine reads them. */
const MODE = 0o600;

/** Entries as lines of JSON, appended as they come and rewritten when there are too many. One writer at a time. */
export class LedgerFile {
  readonly #path: string;
  readonly #maxLines: number;
  #handle: FileHandle | undefined;
  #lines = 0;
  #queue: Promise<void> = Promise.resolve();

  private constructor(path: string, maxLines: number) {
    this.#path = path;
    this.#maxLines = maxLines;
  }

  /** Reads what is there and can be read (a crash may have cut the last line short). */
  static async open(path: string, maxLines: number): Promise<{ file: LedgerFile; entries: LedgerEntry[] }> {
    const text = await readFile(path, "utf8").catch(emptyWhenMissing);
    const entries = text.split("\n").flatMap((line) => readEntry(line) ?? []);
    return { file: new LedgerFile(path, maxLines), entries };
  }

  /** Writes the whole file anew; the first thing to do with it. */
  compact(entries: readonly LedgerEntry[]): Promise<void> {
    return this.#inTurn(() => this.#rewrite(entries));
  }

  /** @param all what the file should hold if it has to be rewritten */
  append(entry: LedgerEntry, all: () => readonly LedgerEntry[]): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#handle === undefined) throw new Error("The ledger's file is closed");
      if (this.#lines >= this.#maxLines) {
        await this.#rewrite(all());
        return;
      }
      // The line break before it ends a line that a full disk cut short.
      await this.#handle.appendFile(`\n${JSON.stringify(entry)}\n`);
      this.#lines++;
    });
  }

  close(): Promise<void> {
    return this.#inTurn(() => this.#closeHandle());
  }

  async #rewrite(entries: readonly LedgerEntry[]): Promise<void> {
    const text = entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");
    await writeFileAtomic(this.#path, text, { mode: MODE });
    await this.#closeHandle();
    this.#handle = await open(this.#path, "a", MODE);
    this.#lines = entries.length;
  }

  async #closeHandle(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  #inTurn(job: () => Promise<void>): Promise<void> {
    const turn = this.#queue.then(job);
    this.#queue = turn.catch(() => undefined);
    return turn;
  }
}

function emptyWhenMissing(error: NodeJS.ErrnoException): string {
  if (error.code === "ENOENT") return "";
  throw error;
}

function readEntry(line: string): LedgerEntry | undefined {
  try {
    return entrySchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
