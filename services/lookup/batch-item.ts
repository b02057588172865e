import type { Cancellation } from "./cancellation.js";
import type { Outcome } from "./split-refused.js";

interface Waiter<R> {
  readonly settle: (outcome: Outcome<R>) => void;
}

/** A value that is asked for, by one or by many. */
export interface Item<R> {
  readonly value: string;
  readonly waiters: Set<Waiter<R>>;
  /** Set while the item is on its way. */
  batch: Batch<R> | undefined;
}

/** Values of one call. */
export interface Batch<R> {
  readonly items: readonly Item<R>[];
  readonly controller: AbortController;
}

/** Resolves or rejects with the item's outcome, or rejects when `signal` aborts, which must not have happened yet. */
export function waitFor<R>(
  item: Item<R>,
  signal: Cancellation,
  onLastLeft: () => void,
): Promise<R | undefined> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      item.waiters.delete(waiter);
      if (item.waiters.size === 0) onLastLeft();
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

/** Takes out what has waited longest. */
export function takeFirst<T>(queue: Set<T>, most: number): readonly T[] {
  const taken: T[] = [];
  for (const item of queue) {
    if (taken.length === most) break;
    taken.push(item);
    queue.delete(item);
  }
  return taken;
}

export function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error("aborted");
}
