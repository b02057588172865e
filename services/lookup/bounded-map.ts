export interface BoundedMapOptions<K, V> {
  readonly maxEntries: number;
  readonly maxBytes: number;
  /** What an entry takes, about; the same answer for as long as it is in the map. */
  readonly bytesOf: (key: K, value: V) => number;
  /** Told of what had to make room. */
  readonly onEvicted?: ((key: K, value: V) => void) | undefined;
}

/** A walk that is held while the map changes holds everything that the map has let go of. */
const changesPerWalk = 10_000;

/**
 * A map in bounded memory: what was not used for longest makes room. A JavaScript map keeps its entries in the order in
 * which they were set and may change while it is walked, so hundreds of thousands can be written to disk in pieces.
 */
export class BoundedMap<K, V> {
  readonly #options: BoundedMapOptions<K, V>;
  /** Least recently used first. */
  readonly #entries = new Map<K, V>();
  #bytes = 0;
  /** Stands at the oldest entry: each new walk would step over all that was deleted before that one. */
  #walk: Iterator<[K, V], undefined> | undefined;
  #changes = 0;

  constructor(options: BoundedMapOptions<K, V>) {
    this.#options = options;
  }

  get size(): number {
    return this.#entries.size;
  }

  has(key: K): boolean {
    return this.#entries.has(key);
  }

  /** Looks without using. */
  peek(key: K): V | undefined {
    return this.#entries.get(key);
  }

  get(key: K): V | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    this.#entries.delete(key);
    this.#append(key, value);
    return value;
  }

  /** What is larger than the whole map has room for is evicted at once. */
  set(key: K, value: V): void {
    const { maxEntries, maxBytes, bytesOf, onEvicted } = this.#options;
    this.delete(key);
    this.#append(key, value);
    this.#bytes += bytesOf(key, value);
    while (this.#entries.size > maxEntries || this.#bytes > maxBytes) {
      const oldest = this.#oldest();
      if (oldest === undefined) return;
      this.delete(oldest[0]);
      onEvicted?.(...oldest);
    }
  }

  delete(key: K): void {
    const value = this.#entries.get(key);
    if (value === undefined) return;
    this.#entries.delete(key);
    this.#bytes -= this.#options.bytesOf(key, value);
  }

  #append(key: K, value: V): void {
    this.#entries.set(key, value);
    this.#changes += 1;
    if (this.#changes % changesPerWalk === 0) this.#walk = undefined;
  }

  #oldest(): [K, V] | undefined {
    const next = this.#walk?.next();
    if (next?.done === false) return next.value;
    this.#walk = this.#entries.entries();
    return this.#walk.next().value;
  }

  /** Least recently used first. What is set or used meanwhile comes (again) at the end, and nothing is left out. */
  [Symbol.iterator](): IterableIterator<[K, V]> {
    return this.#entries[Symbol.iterator]();
  }
}
