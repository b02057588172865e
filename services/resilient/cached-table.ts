import { isRetryable } from "../../src/core/errors.js";
import type { Log } from "../../src/core/ports.js";
import { MINUTE_MS, SECOND_MS, type Clock } from "../../src/core/time.js";
import { realPause, type Pause } from "../http/pause.js";
import { unlessAborted } from "../http/signals.js";

export interface CachedTableOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly ttlMs?: number | undefined;
  /** An unknown id makes us read again, but not for every one in a burst. */
  readonly rereadAfterMs?: number | undefined;
  readonly pause?: Pause | undefined;
}

/** One of the server's lists, read once for everybody and kept for a while. */
export class CachedTable<T> {
  readonly #name: string;
  readonly #load: () => Promise<readonly T[]>;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #ttlMs: number;
  readonly #rereadAfterMs: number;
  readonly #pause: Pause;
  #rows: readonly T[] | undefined;
  #readAtMs = 0;
  #flight: Promise<readonly T[]> | undefined;

  /** @param load belongs to no caller: it must end by itself. */
  constructor(name: string, load: () => Promise<readonly T[]>, options: CachedTableOptions) {
    this.#name = name;
    this.#load = load;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#ttlMs = options.ttlMs ?? 10 * MINUTE_MS;
    this.#rereadAfterMs = options.rereadAfterMs ?? 5 * SECOND_MS;
    this.#pause = options.pause ?? realPause;
  }

  async find(match: (row: T) => boolean, signal: AbortSignal): Promise<T | undefined> {
    const rows = this.#rows;
    const ageMs = this.#clock.now() - this.#readAtMs;
    if (rows !== undefined && ageMs < this.#ttlMs) {
      const hit = rows.find(match);
      if (hit !== undefined || ageMs < this.#rereadAfterMs) return hit;
    }
    return (await this.#read(signal)).find(match);
  }

  /** For a row that must be there, and may be newer than the list: waits until that may be read again, once. */
  async findNew(match: (row: T) => boolean, signal: AbortSignal): Promise<T | undefined> {
    const readAtMs = this.#readAtMs;
    const found = await this.find(match, signal);
    if (found !== undefined || this.#readAtMs !== readAtMs) return found;
    await this.#pause(Math.max(0, readAtMs + this.#rereadAfterMs - this.#clock.now()), signal);
    // Another one that waited may have been faster.
    const rows = this.#readAtMs === readAtMs ? await this.#read(signal) : this.#rows;
    return rows?.find(match);
  }

  /** What we have just created ourselves. */
  add(row: T): void {
    this.#rows = [...(this.#rows ?? []), row];
  }

  #read(signal: AbortSignal): Promise<readonly T[]> {
    this.#flight ??= this.#refresh().finally(() => {
      this.#flight = undefined;
    });
    return unlessAborted(this.#flight, signal);
  }

  async #refresh(): Promise<readonly T[]> {
    try {
      this.#rows = await this.#load();
    } catch (error) {
      // Old names are better than none while the server is away; what can't get better by waiting is told.
      if (this.#rows === undefined || !isRetryable(error)) throw error;
      this.#log.warn(
        { table: this.#name, err: String(error) },
        "a list can't be read again, the old one is used",
      );
    }
    this.#readAtMs = this.#clock.now();
    return this.#rows;
  }
}
