import { LRUCache } from "lru-cache";
import type { Hit } from "../../src/core/hit.js";
import type { LookupId } from "../../src/core/lookup.js";
import { DAY_MS, type Clock } from "../../src/core/time.js";

export interface Finished {
  readonly hits: readonly Hit[];
  /** Milliseconds since the epoch. */
  readonly checkedAtMs: number;
}

export interface LookupStoreOptions {
  /** Finished look-ups kept. */
  readonly cacheSize: number;
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

/** However many polls `max_retries` allows, a look-up that has no answer by then has none. A timer can count this far. */
export const longestLookupMs = 7 * DAY_MS;

/** Ids outlive results: a poll for an evicted result starts the look-up again instead of reading "clean". */
const idsPerResult = 4;

/** What is known of ids and of finished look-ups, in bounded memory. Nothing that failed is ever in here. */
export class LookupStore {
  readonly #options: LookupStoreOptions;
  readonly #results: LRUCache<string, Finished>;
  /** Finished and not yet fetched. A small or short-lived cache must not turn a verdict into another look-up. */
  readonly #undelivered: LRUCache<string, Finished>;
  /** The keys of subjects. */
  readonly #keys: LRUCache<LookupId, string>;
  #gapAtMs: number | undefined;

  constructor(options: LookupStoreOptions) {
    this.#options = options;
    // The default resolution caches "now" on a real timer, which a test's clock never fires.
    const clock = { ttlResolution: 0, perf: { now: () => options.clock.now() } };
    this.#results = new LRUCache({ ...clock, max: options.cacheSize, noDeleteOnStaleGet: true });
    this.#undelivered = new LRUCache({ ...clock, max: options.maxUndelivered, ttl: options.deliverWithinMs });
    this.#keys = new LRUCache({
      max: Math.max(options.cacheSize, options.maxUndelivered) * idsPerResult,
      dispose: (key, _id, reason) => {
        if (reason === "evict" && this.#isOwed(key)) this.noteGap(options.clock.now());
      },
    });
  }

  /** Results that can answer a new question. */
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
    // Checked by a clock that was set back since: nobody knows how old it is.
    if (result === undefined || result.checkedAtMs > this.#options.clock.now()) return undefined;
    this.#undelivered.delete(key);
    return result;
  }

  /** A result whose time is over, for when there can't be a newer one. */
  outdated(key: string): Finished | undefined {
    return this.#results.peek(key, { allowStale: true });
  }

  /** Asked anew: what was found before no longer counts. */
  forget(key: string): void {
    this.#undelivered.delete(key);
    this.#results.delete(key);
  }

  /** A result for the poll that fetches it. */
  deliver(key: string): Finished | undefined {
    const finished = this.#results.get(key) ?? this.#undelivered.get(key);
    this.#undelivered.delete(key);
    return finished;
  }

  /** Keeps a result that has just been found. */
  keep(key: string, finished: Finished): void {
    this.#undelivered.set(key, finished);
    this.restore(key, finished);
  }

  /** Keeps a result for what is left of its time since it was checked, which may be before a restart. */
  restore(key: string, finished: Finished): void {
    const { cacheTtlMs, missTtlMs, clock } = this.#options;
    // A result from the future was kept under a clock that has been set back since: it must not live any longer for it.
    const ageMs = Math.max(0, clock.now() - finished.checkedAtMs);
    const ttl = (finished.hits.length > 0 ? cacheTtlMs : missTtlMs) - ageMs;
    if (ttl > 0) this.#results.set(key, finished, { ttl });
  }

  /** Everything that should survive a restart, least recently used first, so that reading it back keeps the order. */
  results(): readonly (readonly [key: string, finished: Finished])[] {
    const results: (readonly [string, Finished])[] = [];
    this.#results.rforEach((finished, key) => {
      results.push([key, finished]);
    });
    return results;
  }

  ids(): readonly (readonly [id: LookupId, key: string])[] {
    const ids: (readonly [LookupId, string])[] = [];
    this.#keys.rforEach((key, id) => {
      ids.push([id, key]);
    });
    return ids;
  }
}
