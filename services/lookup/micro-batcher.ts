import { LRUCache } from "lru-cache";
import type { PagesRead } from "../../src/core/ports.js";
import type { RetryPolicy } from "../http/retry-policy.js";
import { type Batch, type Item, takeFirst, toError, waitFor } from "./batch-item.js";
import { BatchWindow, type Patience } from "./batch-window.js";
import type { Cancellation } from "./cancellation.js";
import { DoubtfulLane, groupOf, type Group, type Repeat } from "./doubtful-lane.js";
import { OutageBrake } from "./outage-brake.js";
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

const maxRefused = 1_000;
const never: RetryPolicy = { retries: 0, minTimeout: 0, maxTimeout: 0, randomize: false };
const unanswered = { ok: false, error: new Error("a value came back without an answer") } as const;

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
  #asked = 0;
  readonly #window: BatchWindow;
  readonly #brake: OutageBrake;
  readonly #lane: DoubtfulLane<Item<R>>;
  #succeeded = 0;

  constructor(options: MicroBatcherOptions<R>) {
    this.#options = options;
    const { maxSize, windowMs, concurrency: slots, patience, repeat } = options;
    const policy = repeat?.policy ?? never;
    const dispatch = (): void => {
      this.#dispatch();
    };
    this.#window = new BatchWindow({ windowMs, patience, depth: () => this.#queue.size, onRipe: dispatch });
    this.#brake = new OutageBrake({ slots, policy, onRelease: dispatch });
    this.#lane = new DoubtfulLane({
      maxSize,
      policy,
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

  /** Values that were asked for since the start. */
  get asked(): number {
    return this.#asked;
  }

  /** Values up to the `place`-th that was asked for whose call has not left. */
  ahead(place: number): number {
    return Math.max(0, place - (this.#asked - this.#queue.size));
  }

  /** How long what waits will be held so that a budget lasts, if no more comes. */
  get heldForMs(): number {
    return this.#window.heldForMs;
  }

  /** Values wait or are asked about. */
  get isBusy(): boolean {
    return this.#items.size > 0;
  }

  /** What the call says of `value`; undefined when it says nothing. Rejects as the call did, or when `signal` aborts. */
  load(value: string, signal: Cancellation): Promise<R | undefined> {
    if (signal.aborted) return Promise.reject(toError(signal.reason));
    const item = this.#items.get(value) ?? this.#enqueue(value, signal.acceptedAtMs);
    return waitFor(item, signal, () => {
      this.#abandon(item);
    });
  }

  #enqueue(value: string, acceptedAtMs: number | undefined): Item<R> {
    const item: Item<R> = { value, waiters: new Set(), batch: undefined };
    this.#items.set(value, item);
    this.#queue.add(item);
    this.#asked += 1;
    if (this.#queue.size >= this.#options.maxSize) this.#dispatch();
    else this.#window.noteArrival(acceptedAtMs);
    return item;
  }

  #dispatch(): void {
    const { maxSize } = this.#options;
    while (
      this.#brake.allows(this.#running) &&
      (this.#queue.size >= maxSize || (this.#window.isRipe && this.#queue.size > 0))
    ) {
      const items = takeFirst(this.#queue, maxSize);
      this.#window.begin();
      this.#options.patience?.pace.noteCall(items.length, items.length === maxSize);
      void this.#send(items);
    }
    if (this.#queue.size === 0) this.#window.begin();
  }

  async #send(items: readonly Item<R>[]): Promise<void> {
    this.#running += 1;
    const hasFailed = await this.#ask(groupOf(items, this.#succeeded));
    this.#running -= 1;
    if (hasFailed) this.#brake.noteFailure();
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
    this.#lane.noteSuccess();
    this.#brake.noteSuccess();
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
