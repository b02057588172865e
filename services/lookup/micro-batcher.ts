import { LRUCache } from "lru-cache";
import type { PagesRead } from "../../src/core/ports.js";
import type { RetryPolicy } from "../http/retry-policy.js";
import type { Cancellation } from "./cancellation.js";
import { DoubtfulLane, backOffMs, groupOf, type Group } from "./doubtful-lane.js";
import { splitAroundRefused, type Outcome, type SplitJudgement } from "./split-refused.js";

export interface MicroBatcherOptions<R> extends Omit<SplitJudgement, "wasRefused"> {
  readonly maxSize: number;
  /** How long the first value of a batch waits for company. */
  readonly windowMs: number;
  /** Batches under way at once; while all are busy the next one grows. */
  readonly concurrency: number;
  /** One upstream call. Values it leaves out of its answer have no result. */
  readonly run: (
    values: readonly string[],
    signal: AbortSignal,
    read: PagesRead,
  ) => Promise<ReadonlyMap<string, R>>;
  /** Whether and when failed values are asked for again; never when absent. */
  readonly repeat?: Repeat | undefined;
  /** When batches may wait for more than their window; never when absent. */
  readonly patience?: Patience | undefined;
}

export interface Repeat {
  readonly policy: RetryPolicy;
  readonly mayRepeat: (error: Error) => boolean;
  /** Whether a single value may be what the upstream fails on, each time. */
  readonly mayBeOneValue: (error: Error) => boolean;
  /** Told of every failed call that will be made again. */
  readonly onRetry: (error: Error) => void;
}

/** A batch that nobody waits for is held back until it is full or no more values come. */
export interface Patience {
  /** Somebody waits for an answer right now: then a batch leaves at the end of its window. */
  readonly isAwaited: () => boolean;
  /** How long a call for a few values should wait so that the budget lasts, in milliseconds; 0 = it may go. */
  readonly paceMs: () => number;
  /** More values are known to be on their way. */
  readonly expectsMore: () => boolean;
  /** Without a new value for so long, no more are taken to come. */
  readonly quietMs: number;
  readonly maxHoldMs: number;
}

/** A pace is asked for anew after so long: the budget may have been raised. */
const longestLookMs = 5_000;

const maxRefused = 1_000;
const never: RetryPolicy = { retries: 0, minTimeout: 0, maxTimeout: 0, randomize: false };
const unanswered = { ok: false, error: new Error("a value came back without an answer") } as const;

interface Waiter<R> {
  readonly settle: (outcome: Outcome<R>) => void;
}

interface Item<R> {
  readonly value: string;
  readonly waiters: Set<Waiter<R>>;
  /** Set while the item is on its way. */
  batch: Batch<R> | undefined;
}

interface Batch<R> {
  readonly items: readonly Item<R>[];
  readonly controller: AbortController;
}

/**
 * Turns single questions into few upstream calls. A batch leaves when it is full, or when its window is over and a
 * slot is free; under load batches are given the time to fill. A value that is asked for twice travels once. When
 * everybody who waits for a batch has gone, its call is cancelled. What fails and may be repeated leaves its slot and
 * waits in a lane of its own; while nothing succeeds at all, new batches go one by one after a back-off.
 */
export class MicroBatcher<R> {
  readonly #options: MicroBatcherOptions<R>;
  /** Queued and running, by value. */
  readonly #items = new Map<string, Item<R>>();
  readonly #queue = new Set<Item<R>>();
  /** Refused alone the last time: the platform asks about them again and again. */
  readonly #refused = new LRUCache<string, true>({ max: maxRefused });
  #running = 0;
  /** The queue may leave although it is no full batch. */
  #isRipe = false;
  #timer: NodeJS.Timeout | undefined;
  #heldMs = 0;
  #depthWhenHeld = 0;
  readonly #lane: DoubtfulLane<Item<R>>;
  #succeeded = 0;
  /** New batches that failed since any call succeeded. */
  #failedInARow = 0;
  #reopening: NodeJS.Timeout | undefined;

  constructor(options: MicroBatcherOptions<R>) {
    this.#options = options;
    this.#lane = new DoubtfulLane({
      maxSize: options.maxSize,
      policy: options.repeat?.policy ?? never,
      ask: async (group) => {
        await this.#ask(group);
      },
      succeeded: () => this.#succeeded,
    });
  }

  /** Values that wait for their call. */
  get depth(): number {
    return this.#queue.size;
  }

  /** Values wait or are asked about. */
  get isBusy(): boolean {
    return this.#items.size > 0;
  }

  /** What the call says of `value`; undefined when it says nothing. Rejects as the call did, or when `signal` aborts. */
  load(value: string, signal: Cancellation): Promise<R | undefined> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(toError(signal.reason));
        return;
      }
      const item = this.#items.get(value) ?? this.#enqueue(value);
      const leave = (): void => {
        item.waiters.delete(waiter);
        if (item.waiters.size === 0) this.#abandon(item);
        reject(toError(signal.reason));
      };
      const waiter: Waiter<R> = {
        settle: (outcome) => {
          signal.removeEventListener("abort", leave);
          if (outcome.ok) resolve(outcome.result);
          else reject(outcome.error);
        },
      };
      signal.addEventListener("abort", leave);
      item.waiters.add(waiter);
    });
  }

  #enqueue(value: string): Item<R> {
    const item: Item<R> = { value, waiters: new Set(), batch: undefined };
    this.#items.set(value, item);
    this.#queue.add(item);
    if (this.#queue.size >= this.#options.maxSize) this.#dispatch();
    else if (!this.#isRipe) this.#lookAgainIn(this.#options.windowMs);
    return item;
  }

  #lookAgainIn(ms: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const heldForMs = this.#holdBackMs();
      if (heldForMs === 0) {
        this.#isRipe = true;
        this.#dispatch();
      } else {
        this.#heldMs += heldForMs;
        this.#lookAgainIn(heldForMs);
      }
    }, ms);
  }

  /** How long the queue should wait for more; 0 = no longer. */
  #holdBackMs(): number {
    const { patience } = this.#options;
    if (patience === undefined) return 0;
    const paceMs = Math.min(patience.paceMs(), longestLookMs);
    if (paceMs > 0) return paceMs;
    if (patience.isAwaited() || this.#heldMs >= patience.maxHoldMs) return 0;
    const hasGrown = this.#queue.size > this.#depthWhenHeld;
    this.#depthWhenHeld = this.#queue.size;
    return hasGrown || patience.expectsMore() ? patience.quietMs : 0;
  }

  #dispatch(): void {
    const { maxSize } = this.#options;
    while (this.#hasSlot() && (this.#queue.size >= maxSize || (this.#isRipe && this.#queue.size > 0))) {
      const items = this.#takeFromQueue(maxSize);
      this.#beginWindow();
      void this.#send(items);
    }
    if (this.#queue.size === 0) this.#beginWindow();
  }

  #hasSlot(): boolean {
    const { concurrency } = this.#options;
    if (this.#failedInARow < concurrency) return this.#running < concurrency;
    return this.#running === 0 && this.#reopening === undefined;
  }

  #takeFromQueue(most: number): readonly Item<R>[] {
    const items: Item<R>[] = [];
    for (const item of this.#queue) {
      if (items.length === most) break;
      items.push(item);
      this.#queue.delete(item);
    }
    return items;
  }

  /** For what is left in the queue; without any, there is nothing to wait for. */
  #beginWindow(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isRipe = false;
    this.#heldMs = 0;
    this.#depthWhenHeld = 0;
    if (this.#queue.size > 0) this.#lookAgainIn(this.#options.windowMs);
  }

  async #send(items: readonly Item<R>[]): Promise<void> {
    this.#running += 1;
    const hasFailed = await this.#ask(groupOf(items, this.#succeeded));
    this.#running -= 1;
    if (hasFailed) this.#noteFailure();
    this.#dispatch();
  }

  /** Resolves to whether something failed that will be asked for again. */
  async #ask(group: Group<Item<R>>): Promise<boolean> {
    const batch: Batch<R> = { items: group.items, controller: new AbortController() };
    for (const item of batch.items) item.batch = batch;
    const { run, blamesOneValue, saysUnknown } = this.#options;
    const values = batch.items.map((item) => item.value);
    const ask = async (some: readonly string[]): Promise<ReadonlyMap<string, R>> => {
      const read = some.length === values.length ? group.read : { next: 0, items: [] };
      const results = await run(some, batch.controller.signal, read);
      this.#noteSuccess();
      return results;
    };
    const outcomes = await splitAroundRefused(values, ask, {
      blamesOneValue,
      saysUnknown,
      wasRefused: (value) => this.#refused.has(value),
    });
    let failure: Error | undefined;
    const left: Item<R>[] = [];
    for (const item of batch.items) {
      const outcome = outcomes.get(item.value) ?? unanswered;
      if (outcome.ok || !this.#mayRepeat(item, outcome.error, group.failures)) this.#finish(item, outcome);
      else {
        failure = outcome.error;
        item.batch = undefined;
        left.push(item);
      }
    }
    return failure !== undefined && this.#rest(group, left, failure);
  }

  #mayRepeat(item: Item<R>, error: Error, failures: number): boolean {
    const { repeat } = this.#options;
    if (repeat === undefined || item.waiters.size === 0 || failures >= repeat.policy.retries) return false;
    return repeat.mayRepeat(error);
  }

  #rest(group: Group<Item<R>>, left: readonly Item<R>[], error: Error): true {
    const { repeat } = this.#options;
    const isWhole = left.length === group.items.length;
    const rest = isWhole ? group : { ...group, items: left, read: { next: 0, items: [] } };
    repeat?.onRetry(error);
    this.#lane.rest(rest, repeat?.mayBeOneValue(error) ?? false);
    return true;
  }

  #noteSuccess(): void {
    this.#succeeded += 1;
    this.#failedInARow = 0;
    this.#lane.noteSuccess();
    if (this.#reopening === undefined) return;
    clearTimeout(this.#reopening);
    this.#reopening = undefined;
    this.#dispatch();
  }

  /** As many failures in a row as there are slots look like an outage. */
  #noteFailure(): void {
    const { concurrency, repeat } = this.#options;
    this.#failedInARow += 1;
    const tooMany = this.#failedInARow - concurrency;
    if (tooMany < 0) return;
    clearTimeout(this.#reopening);
    this.#reopening = setTimeout(
      () => {
        this.#reopening = undefined;
        this.#dispatch();
      },
      backOffMs(repeat?.policy ?? never, tooMany + 1),
    ).unref();
  }

  #finish(item: Item<R>, outcome: Outcome<R>): void {
    if (this.#items.get(item.value) === item) this.#items.delete(item.value);
    if (outcome.ok) this.#refused.delete(item.value);
    else if (outcome.alone) this.#refused.set(item.value, true);
    for (const waiter of item.waiters) waiter.settle(outcome);
    item.waiters.clear();
  }

  #abandon(item: Item<R>): void {
    const { batch } = item;
    if (batch === undefined) {
      this.#items.delete(item.value);
      if (this.#lane.forget(item)) return;
      this.#queue.delete(item);
      if (this.#queue.size === 0) this.#dispatch(); // which stops the window's timer
      return;
    }
    // While the call runs for others its answer is good for whoever asks for this value again.
    if (batch.items.some((other) => other.waiters.size > 0)) return;
    for (const other of batch.items) {
      if (this.#items.get(other.value) === other) this.#items.delete(other.value);
    }
    batch.controller.abort(new Error("nobody waits for this batch any more"));
  }
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error("aborted");
}
