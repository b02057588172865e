import { LRUCache } from "lru-cache";

export interface BoundedMapOptions<K, V> {
  readonly maxEntries: number;
  readonly maxBytes: number;
  /** What an entry takes, about. */
  readonly bytesOf: (key: K, value: V) => number;
  /** Told of what had to make room, and of what is larger than all the room there is. */
  readonly onEvicted?: ((key: K, value: V) => void) | undefined;
}

/**
 * A map in bounded memory: what was not used for longest makes room. It may change while it is walked, so hundreds of
 * thousands of entries can be written to disk in pieces.
 */
export class BoundedMap<K extends string, V extends string | object> {
  readonly #cache: LRUCache<K, V>;
  readonly #onEvicted: ((key: K, value: V) => void) | undefined;
  #evicted: (readonly [K, V])[] = [];

  constructor({ maxEntries, maxBytes, bytesOf, onEvicted }: BoundedMapOptions<K, V>) {
    this.#onEvicted = onEvicted;
    this.#cache = new LRUCache({
      max: maxEntries,
      maxSize: Math.max(1, Math.floor(maxBytes)),
      sizeCalculation: (value, key) => Math.max(1, bytesOf(key, value)),
      dispose: (value, key, reason) => {
        if (reason === "evict") this.#evicted.push([key, value]);
      },
    });
  }

  get size(): number {
    return this.#cache.size;
  }

  has(key: K): boolean {
    return this.#cache.has(key);
  }

  /** Looks without using. */
  peek(key: K): V | undefined {
    return this.#cache.peek(key);
  }

  get(key: K): V | undefined {
    return this.#cache.get(key);
  }

  set(key: K, value: V): void {
    this.#cache.set(key, value);
    if (!this.#cache.has(key)) this.#evicted.push([key, value]);
    if (this.#evicted.length === 0) return;
    const evicted = this.#evicted;
    this.#evicted = [];
    // Not before the map is as it will be: who is told may ask for its size.
    for (const entry of evicted) this.#onEvicted?.(...entry);
  }

  delete(key: K): void {
    this.#cache.delete(key);
  }

  /** Least recently used first: what is there from the beginning of the walk to its end. */
  *[Symbol.iterator](): Generator<readonly [K, V]> {
    for (const key of [...this.#cache.rkeys()]) {
      const value = this.#cache.peek(key);
      if (value !== undefined) yield [key, value];
    }
  }
}
