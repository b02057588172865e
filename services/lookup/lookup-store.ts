import type { Hit } from "../../src/core/hit.js";
import type { LookupId } from "../../src/core/lookup.js";
import { DAY_MS, type Clock } from "../../src/core/time.js";
import { BoundedMap } from "./bounded-map.js";
import { textBytes } from "./subject.js";

export interface Finished {
  readonly hits: readonly Hit[];
  /** Milliseconds since the epoch. */
  readonly checkedAtMs: number;
}

export interface LookupStoreOptions {
  /** Finished look-ups kept. */
  readonly cacheSize: number;
  /** What they may take; what waits for its poll, and ids, may take half as much each. */
  readonly maxBytes: number;
  readonly cacheTtlMs: number;
  readonly missTtlMs: number;
  /** How long a result waits for the poll that fetches it, whatever its time to live or the cache's size. */
  readonly deliverWithinMs: number;
  /** Results that may wait for their poll at once. */
  readonly maxUndelivered: number;
  /** Whether the subject's look-up is under way: whoever asked for it will poll. Default: never. */
  readonly isRunning?: ((key: string) => boolean) | undefined;
  readonly clock: Clock;
}

/** A result as it survives a restart. */
export interface KeptResult {
  readonly key: string;
  readonly finished: Finished;
  /** It answers no new question. */
  readonly isOld: boolean;
}

/** A result with its time. */
interface Kept extends Finished {
  /** It answers new questions up to this moment, milliseconds since the epoch. */
  readonly freshUntilMs: number;
  readonly bytes: number;
}

/** A result until its poll comes. */
interface Undelivered {
  readonly finished: Finished;
  /** Milliseconds since the epoch. */
  readonly untilMs: number;
  readonly bytes: number;
}

/** Of an old hit: whatever a clock may say that is set back, it is no answer to a new question any more. */
const neverAgain = Number.NEGATIVE_INFINITY;

/** However many polls `max_retries` allows, a look-up that has no answer by then has none. A timer can count this far. */
export const longestLookupMs = 7 * DAY_MS;

/** Ids outlive results: a poll for an evicted result starts the look-up again instead of reading "clean". */
const idsPerResult = 4;

/** What an entry takes beside its texts; measured. */
const entryBytes = 200;
/** What hits take, by the length of their JSON: as objects, and as the text that goes out. */
const bytesPerJsonChar = 3;

/**
 * What is known of ids and of finished look-ups, in bounded memory. Nothing that failed is ever in here. A hit whose time
 * is over stays until something newer is found, for when there can't be anything newer.
 */
export class LookupStore {
  readonly #options: LookupStoreOptions;
  readonly #results: BoundedMap<string, Kept>;
  /** Finished and not yet fetched. A small or short-lived cache must not turn a verdict into another look-up. */
  readonly #undelivered: BoundedMap<string, Undelivered>;
  /** The keys of subjects. */
  readonly #keys: BoundedMap<LookupId, string>;
  #gapAtMs: number | undefined;

  constructor(options: LookupStoreOptions) {
    this.#options = options;
    const { cacheSize, maxUndelivered, maxBytes } = options;
    const bytesOf = (_key: string, { bytes }: { readonly bytes: number }): number => bytes;
    this.#results = new BoundedMap<string, Kept>({ maxEntries: cacheSize, maxBytes, bytesOf });
    this.#undelivered = new BoundedMap<string, Undelivered>({
      maxEntries: maxUndelivered,
      maxBytes: maxBytes / 2,
      bytesOf,
      onEvicted: (_key, { untilMs }) => {
        if (untilMs >= options.clock.now()) this.noteGap(options.clock.now());
      },
    });
    const maxIds = Math.max(cacheSize, maxUndelivered) * idsPerResult;
    this.#keys = new BoundedMap({
      maxEntries: maxIds,
      maxBytes: maxBytes / 2,
      bytesOf: (_id, key) => entryBytes + textBytes(key),
      // Of very many ids those that were answered long ago are no loss; long ones push out what is new, too.
      onEvicted: (_id, key) => {
        if (this.#keys.size < maxIds || this.#isOwed(key)) this.noteGap(options.clock.now());
      },
    });
  }

  /** Results in memory, old hits among them. */
  get size(): number {
    return this.#results.size;
  }

  remember(id: LookupId, key: string): void {
    this.#keys.set(id, key);
  }

  keyOf(id: LookupId): string | undefined {
    return this.#keys.get(id);
  }

  /** Ids from before this moment may be missing: a damaged state file, or more of them than there is room for. */
  noteGap(atMs: number): void {
    this.#gapAtMs = Math.max(atMs, this.#gapAtMs ?? 0);
  }

  /** When ids were last lost, as long as somebody may still ask for them. */
  get gapAtMs(): number | undefined {
    const gapAtMs = this.#gapAtMs;
    return gapAtMs !== undefined && this.#options.clock.now() - gapAtMs < longestLookupMs
      ? gapAtMs
      : undefined;
  }

  /** Somebody was told to come back for it, and has not come since it was found. */
  #isOwed(key: string): boolean {
    return this.#undelivered.has(key) || this.#options.isRunning?.(key) === true;
  }

  /** A result that may answer a new question; with that answer it counts as fetched. */
  fresh(key: string): Finished | undefined {
    const result = this.#results.get(key);
    if (result === undefined) return undefined;
    const nowMs = this.#options.clock.now();
    // Checked by a clock that was set back since: nobody knows how old it is.
    if (result.freshUntilMs < nowMs || result.checkedAtMs > nowMs) return undefined;
    this.#undelivered.delete(key);
    return result;
  }

  /** Hits whose time is over, for when there can't be newer ones; who gets them has been answered. */
  oldHits(key: string): Finished | undefined {
    const result = this.#results.get(key);
    if (result === undefined || result.hits.length === 0) return undefined;
    this.#undelivered.delete(key);
    return result;
  }

  /** Asked anew: what was found before no longer counts. @returns whether there are old hits */
  forget(key: string): boolean {
    this.#undelivered.delete(key);
    const result = this.#results.peek(key);
    if (result === undefined) return false;
    const isHit = result.hits.length > 0;
    if (isHit) this.#results.set(key, { ...result, freshUntilMs: neverAgain });
    else this.#results.delete(key);
    return isHit;
  }

  /** A result for the poll that fetches it. */
  deliver(key: string): Finished | undefined {
    const result = this.#results.get(key);
    const isFresh = result !== undefined && result.freshUntilMs >= this.#options.clock.now();
    const waiting = this.#undelivered.peek(key);
    this.#undelivered.delete(key);
    if (isFresh) return result;
    return waiting !== undefined && waiting.untilMs >= this.#options.clock.now()
      ? waiting.finished
      : undefined;
  }

  /** Keeps a result that has just been found. */
  keep(key: string, finished: Finished): void {
    const untilMs = this.#options.clock.now() + this.#options.deliverWithinMs;
    const bytes = bytesOf(key, finished.hits);
    this.#undelivered.set(key, { finished, untilMs, bytes });
    this.#keepFor(key, finished, bytes);
  }

  /** Keeps a result for what is left of its time since it was checked, which may be before a restart. */
  restore(key: string, finished: Finished): void {
    this.#keepFor(key, finished, bytesOf(key, finished.hits));
  }

  #keepFor(key: string, { hits, checkedAtMs }: Finished, bytes: number): void {
    const { cacheTtlMs, missTtlMs, clock } = this.#options;
    const nowMs = clock.now();
    const isHit = hits.length > 0;
    // A result from the future was kept under a clock that has been set back since: it must not live any longer for it.
    const freshUntilMs = Math.min(checkedAtMs, nowMs) + (isHit ? cacheTtlMs : missTtlMs);
    if (freshUntilMs > nowMs) this.#results.set(key, { hits, checkedAtMs, freshUntilMs, bytes });
    else if (isHit) this.#results.set(key, { hits, checkedAtMs, freshUntilMs: neverAgain, bytes });
    else this.#results.delete(key);
  }

  /** Everything that should survive a restart, least recently used first, so that reading it back keeps the order. */
  *results(): Generator<KeptResult> {
    for (const [key, finished] of this.#results) {
      const isOld = finished.freshUntilMs < this.#options.clock.now();
      if (!isOld || finished.hits.length > 0) yield { key, finished, isOld };
    }
  }

  ids(): Iterable<readonly [id: LookupId, key: string]> {
    return this.#keys;
  }
}

function bytesOf(key: string, hits: readonly Hit[]): number {
  const hitBytes = hits.length === 0 ? 0 : bytesPerJsonChar * JSON.stringify(hits).length;
  return entryBytes + textBytes(key) + hitBytes;
}
