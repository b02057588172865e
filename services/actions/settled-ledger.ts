import { LRUCache } from "lru-cache";
import type { Reply } from "../../src/core/action.js";
import type { Log } from "../../src/core/ports.js";
import { type Clock, HOUR_MS } from "../../src/core/time.js";
import { z } from "zod";
import { AppendFile } from "./append-file.js";

export interface SettledAnswer {
  readonly reply: Reply;
  /** How often the broker would not take it. */
  readonly refusals: number;
}

/** The answers of finished messages, for when the broker delivers one of them again. */
export interface SettledLedger {
  find(messageId: string): SettledAnswer | undefined;
  /** Resolves when the answer is kept, on disk if the ledger has a file: a crash after that forgets nothing. */
  record(messageId: string, reply: Reply): Promise<void>;
  /** Counts how often the broker would not take the answer to this message. */
  refused(messageId: string): number;
  close(): Promise<void>;
}

export interface LedgerOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Absent = nothing survives a restart. */
  readonly file?: string | undefined;
  readonly maxEntries?: number | undefined;
  readonly maxBytes?: number | undefined;
  readonly ttlMs?: number | undefined;
}

interface Saved extends SettledAnswer {
  /** Milliseconds since the epoch. */
  readonly at: number;
  refusals: number;
}

type Answers = LRUCache<string, Saved>;

const replySchema = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.literal("done"),
    message: z.string(),
    results: z.record(z.string(), z.json()).optional(),
  }),
  z.object({ outcome: z.literal("failed"), message: z.string() }),
]);

/** A line of the file; `at` in milliseconds since the epoch. */
const entrySchema = z.object({ id: z.string(), at: z.number(), reply: replySchema });

interface Entry {
  readonly id: string;
  readonly at: number;
  readonly reply: Reply;
}

export async function openSettledLedger(options: LedgerOptions): Promise<SettledLedger> {
  const answers = createAnswers(options);
  const { file, log, maxEntries = MAX_ENTRIES, maxBytes = MAX_BYTES } = options;
  if (file === undefined) return new Ledger(answers, options);
  const store = new AppendFile<Entry>({
    path: file,
    name: "ledger of answers",
    entry: entrySchema,
    maxLines: 2 * maxEntries,
    maxBytes: 2 * maxBytes,
    all: () => entriesOf(answers),
    log,
  });
  for (const { id, at, reply } of await store.load()) keep(answers, id, { at, reply, refusals: 0 }, options);
  await store.compact();
  return new Ledger(answers, options, store);
}

/** As long as the platform's stock client remembers; twice as many as may be answered and not acknowledged at once. */
const MAX_ENTRIES = 4_000;
const MAX_BYTES = 64 * 1024 * 1024;

class Ledger implements SettledLedger {
  readonly #answers: Answers;
  readonly #options: LedgerOptions;
  readonly #store: AppendFile<Entry> | undefined;

  constructor(answers: Answers, options: LedgerOptions, store?: AppendFile<Entry>) {
    this.#answers = answers;
    this.#options = options;
    this.#store = store;
  }

  find(messageId: string): SettledAnswer | undefined {
    return this.#answers.get(messageId);
  }

  async record(messageId: string, reply: Reply): Promise<void> {
    const at = this.#options.clock.now();
    keep(this.#answers, messageId, { at, reply, refusals: 0 }, this.#options);
    // Without its file the answer still goes out; only a crash in the next moments could have it worked out twice.
    await this.#store?.append([{ id: messageId, at, reply }]);
  }

  refused(messageId: string): number {
    const saved = this.#answers.get(messageId);
    if (saved === undefined) return 0;
    saved.refusals += 1;
    return saved.refusals;
  }

  async close(): Promise<void> {
    await this.#store?.close();
  }
}

function createAnswers({
  clock,
  maxEntries = MAX_ENTRIES,
  maxBytes = MAX_BYTES,
  ttlMs = HOUR_MS,
}: LedgerOptions): Answers {
  return new LRUCache({
    max: maxEntries,
    maxSize: maxBytes,
    // In the file, which must hold all of them with room to spare, or it would be written anew for each.
    sizeCalculation: ({ at, reply }, id) => Buffer.byteLength(JSON.stringify({ id, at, reply })),
    ttl: ttlMs,
    // The default resolution caches "now" on a real timer, which a fake clock never fires.
    ttlResolution: 0,
    perf: { now: () => clock.now() },
  });
}

function keep(answers: Answers, id: string, saved: Saved, { clock, ttlMs = HOUR_MS }: LedgerOptions): void {
  if (saved.at + ttlMs > clock.now()) answers.set(id, saved, { start: saved.at });
}

/** Least recently used first, as they are read back. */
function entriesOf(answers: Answers): Entry[] {
  return [...answers.rkeys()].flatMap((id) => {
    const saved = answers.peek(id);
    return saved === undefined ? [] : [{ id, at: saved.at, reply: saved.reply }];
  });
}
