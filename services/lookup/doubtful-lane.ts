import type { PagesRead } from "../../src/core/ports.js";
import type { RetryPolicy } from "../http/retry-policy.js";

/** Whether and when failed values are asked for again. */
export interface Repeat {
  readonly policy: RetryPolicy;
  readonly mayRepeat: (error: Error) => boolean;
  /** Whether a single value may be what the upstream fails on, each time. */
  readonly mayBeOneValue: (error: Error) => boolean;
  /** Told of every failed call that will be made again. */
  readonly onRetry: (error: Error) => void;
}

/** Values that are asked for together. */
export interface Group<I> {
  items: readonly I[];
  /** Failed calls for these values, and for larger groups they were part of. */
  failures: number;
  /** Waits so far that were each longer than the one before. */
  waits: number;
  /** Calls that had succeeded when it failed first: any more since, and TruSTAR is there. */
  succeededBefore: number;
  /** What has been read of the answer for all of them. */
  read: PagesRead;
}

export function groupOf<I>(items: readonly I[], succeededBefore: number): Group<I> {
  return { items, failures: 0, waits: 0, succeededBefore, read: { next: 0, items: [] } };
}

export interface DoubtfulLaneOptions<I> {
  readonly maxSize: number;
  readonly policy: RetryPolicy;
  /** Asks for the group; what fails comes back by `rest`. Never rejects. */
  readonly ask: (group: Group<I>) => Promise<void>;
  /** Calls that have succeeded, of all groups. */
  readonly succeeded: () => number;
}

/** Failed so often, a group of several may hold a value that TruSTAR fails on every time. */
const failuresBeforeHalving = 3;
/** While nothing at all succeeds it is an outage, most likely: every part costs a call when it is over. */
const partsInOutage = 8;

/**
 * Where groups wait that TruSTAR failed to answer. One call at a time, the least often failed first, after a back-off:
 * an outage costs one call in a round however many wait, and no slot of those that have not failed. A group that
 * fails again and again is halved, so that a value that makes TruSTAR fail ends up alone.
 */
export class DoubtfulLane<I> {
  readonly #options: DoubtfulLaneOptions<I>;
  readonly #groups = new Set<Group<I>>();
  #timer: NodeJS.Timeout | undefined;
  #isAsking = false;

  constructor(options: DoubtfulLaneOptions<I>) {
    this.#options = options;
  }

  /** Takes up what failed; `mayBeOneValue`: the failure is one that a single value can cause. */
  rest(group: Group<I>, mayBeOneValue: boolean): void {
    const isAlive = this.#options.succeeded() !== group.succeededBefore;
    group.failures += 1;
    group.waits += 1;
    if (!isAlive && group.failures === 1) this.#joinOthers(group);
    else if (this.#shouldHalve(group, mayBeOneValue, isAlive)) this.#halve(group, isAlive);
    else this.#groups.add(group);
    this.#schedule();
  }

  /** The first success since they failed ends what may have been an outage: they are asked for again soon. */
  noteSuccess(): void {
    const before = this.#options.succeeded() - 1;
    for (const group of this.#groups) {
      if (group.succeededBefore !== before || group.waits === 1) continue;
      group.waits = 1;
      this.#schedule();
    }
  }

  /** Nobody waits for the item any more. @returns whether it was here */
  forget(item: I): boolean {
    for (const group of this.#groups) {
      if (!group.items.includes(item)) continue;
      this.#replace(
        group,
        group.items.filter((other) => other !== item),
      );
      this.#schedule();
      return true;
    }
    return false;
  }

  /** In an outage what fails newly waits with the rest: fewer, fuller calls when it is over. */
  #joinOthers(group: Group<I>): void {
    const { maxSize, succeeded } = this.#options;
    for (const other of this.#groups) {
      const isOfOutage = other.succeededBefore === succeeded() && other.failures < failuresBeforeHalving;
      if (!isOfOutage || other.items.length + group.items.length > maxSize) continue;
      this.#replace(other, [...other.items, ...group.items]);
      return;
    }
    const waits = [...this.#groups]
      .filter((other) => other.succeededBefore === succeeded())
      .map((other) => other.waits);
    group.waits = Math.max(group.waits, ...waits);
    this.#groups.add(group);
  }

  #shouldHalve(group: Group<I>, mayBeOneValue: boolean, isAlive: boolean): boolean {
    if (!mayBeOneValue || group.items.length < 2 || group.failures < failuresBeforeHalving) return false;
    return isAlive || this.#groups.size < partsInOutage;
  }

  #halve(group: Group<I>, isAlive: boolean): void {
    const middle = Math.ceil(group.items.length / 2);
    const waits = isAlive ? 1 : group.waits;
    const succeededBefore = this.#options.succeeded();
    for (const items of [group.items.slice(0, middle), group.items.slice(middle)]) {
      this.#groups.add({ ...groupOf(items, succeededBefore), failures: group.failures, waits });
    }
  }

  #replace(group: Group<I>, items: readonly I[]): void {
    group.items = items;
    group.read = { next: 0, items: [] };
    if (items.length === 0) this.#groups.delete(group);
  }

  #next(): Group<I> | undefined {
    let next: Group<I> | undefined;
    for (const group of this.#groups) if (next === undefined || group.waits < next.waits) next = group;
    return next;
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    const next = this.#next();
    if (next === undefined || this.#isAsking) return;
    this.#timer = setTimeout(
      () => {
        void this.#askNext();
      },
      backOffMs(this.#options.policy, next.waits),
    ).unref();
  }

  async #askNext(): Promise<void> {
    const group = this.#next();
    if (group === undefined) return;
    this.#groups.delete(group);
    this.#isAsking = true;
    await this.#options.ask(group);
    this.#isAsking = false;
    this.#schedule();
  }
}

/** Before the `attempt`-th repetition, counted from 1. */
export function backOffMs({ minTimeout, maxTimeout, randomize }: RetryPolicy, attempt: number): number {
  const jitter = randomize ? 1 + Math.random() : 1;
  return Math.min(minTimeout * jitter * 2 ** (attempt - 1), maxTimeout);
}
