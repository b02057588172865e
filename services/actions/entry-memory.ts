import { LRUCache } from "lru-cache";
import { z } from "zod";
import type { Log } from "../../src/core/ports.js";
import { AppendFile } from "./append-file.js";

export interface EntryMemoryOptions {
  readonly log: Log;
  /** Absent = a restart forgets what is not recognisable by its text. */
  readonly file?: string | undefined;
  readonly maxEntries?: number | undefined;
}

/** Two for each artifact: some two hundred incidents with a hundred correlated indicators each. */
const MAX_ENTRIES = 50_000;

/** Keys and values are short: hashes, ids, names of enclaves. */
const MAX_ENTRY_BYTES = 500;

/** A line of the file. */
const entrySchema = z.object({ key: z.string(), value: z.string() });
export type Entry = Readonly<z.infer<typeof entrySchema>>;

export async function openEntryMemory(options: EntryMemoryOptions): Promise<EntryMemory> {
  const { entries, store } = await load(options);
  await store?.compact();
  return new EntryMemory(entries, store);
}

/** What the file holds now; nothing is ever written. */
export async function readEntryMemory(options: EntryMemoryOptions): Promise<EntryMemory> {
  const { entries } = await load(options);
  return new EntryMemory(entries);
}

/** Keys with a value each, in bounded memory and, where there is one, in a file. */
export class EntryMemory {
  readonly #entries: LRUCache<string, string>;
  readonly #store: AppendFile<Entry> | undefined;

  constructor(entries: LRUCache<string, string>, store?: AppendFile<Entry>) {
    this.#entries = entries;
    this.#store = store;
  }

  get(key: string): string | undefined {
    return this.#entries.get(key);
  }

  /** Resolves when the entries are on disk, or the log says why not. Never rejects. */
  async record(entries: readonly Entry[]): Promise<void> {
    for (const { key, value } of entries) this.#entries.set(key, value);
    // Without its file, an artifact of ours is still recognised by its description after a restart, and a note as long as
    // nothing is to be added to it.
    await this.#store?.append(entries);
  }

  async close(): Promise<void> {
    await this.#store?.close();
  }
}

async function load({ file, maxEntries = MAX_ENTRIES, log }: EntryMemoryOptions): Promise<{
  readonly entries: LRUCache<string, string>;
  readonly store: AppendFile<Entry> | undefined;
}> {
  const maxBytes = maxEntries * MAX_ENTRY_BYTES;
  const entries = new LRUCache<string, string>({
    max: maxEntries,
    maxSize: maxBytes,
    sizeCalculation: (value, key) => Buffer.byteLength(JSON.stringify({ key, value })),
  });
  if (file === undefined) return { entries, store: undefined };
  const store = new AppendFile({
    path: file,
    name: "origin ledger",
    entry: entrySchema,
    maxLines: 2 * maxEntries,
    maxBytes: 2 * maxBytes,
    all: () => entriesOf(entries),
    log,
  });
  for (const { key, value } of await store.load()) entries.set(key, value);
  return { entries, store };
}

/** Least recently used first, as they are read back. */
function entriesOf(entries: LRUCache<string, string>): Entry[] {
  return [...entries.rkeys()].flatMap((key) => {
    const value = entries.peek(key);
    return value === undefined ? [] : [{ key, value }];
  });
}
