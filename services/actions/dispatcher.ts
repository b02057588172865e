import { setMaxListeners } from "node:events";
import { FairSlots } from "./fair-slots.js";

/** One message to be worked on. */
export interface Task<R> {
  /** Tasks with the same key run strictly one after the other, as they came. */
  readonly key: string;
  /** Tasks of one key that wait side by side with the same share key can be done by one run. */
  readonly shareKey: string | undefined;
  /** Whose slots the run takes, for all tasks of a key the same. Asked right before its turn; never rejects. */
  group(signal: AbortSignal): Promise<string>;
  run(control: RunControl): Promise<R>;
  /** Told what the run that serves this task is doing. */
  onStage(text: string): void;
}

export interface RunControl {
  /** Aborts when nobody waits for the run any more. */
  readonly signal: AbortSignal;
  /** Tells every task that this run serves. */
  stage(text: string): void;
  /** How many tasks of the same key wait behind this one. */
  waiting(): number;
  /** Takes over the tasks that wait right behind this one with the same share key: they get this run's result. */
  absorb(): void;
}

interface Waiting<R> {
  readonly task: Task<R>;
  readonly signal: AbortSignal;
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
  /** Takes the listener away that ends the waiting. */
  forget: () => void;
}

interface Lane<R> {
  readonly waiting: Waiting<R>[];
}

/** Tasks of which it is being found out to whom they belong. */
const unsorted = "";
/** For each slot: it takes one short call at most, and until it is known whose a task is, its turn can't come. */
const sortedAtOnce = 4;

/**
 * At most `width` runs at once, shared fairly by groups; one key has one at a time. Finding out a task's group takes no
 * slot of theirs: it would be the turn of one more group, and the last task would wait until all before it are sorted.
 * A key is forgotten when nothing of it waits or runs.
 */
export class Dispatcher<R> {
  readonly #lanes = new Map<string, Lane<R>>();
  readonly #slots: FairSlots;
  readonly #sorting: FairSlots;

  constructor(width: number) {
    this.#slots = new FairSlots(width);
    this.#sorting = new FairSlots(sortedAtOnce * width);
  }

  /** Keys of which something waits or runs. */
  get size(): number {
    return this.#lanes.size;
  }

  /** Rejects with the signal's reason when that aborts before the task's turn has come. */
  dispatch(task: Task<R>, signal: AbortSignal): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      if (signal.aborted) {
        reject(toError(signal.reason));
        return;
      }
      const item: Waiting<R> = { task, signal, resolve, reject, forget: () => undefined };
      const known = this.#lanes.get(task.key);
      const lane = known ?? { waiting: [] };
      // As many as wait may listen: no leak, whatever Node suspects.
      setMaxListeners(0, signal);
      const leave = (): void => {
        lane.waiting.splice(lane.waiting.indexOf(item), 1);
        reject(toError(signal.reason));
      };
      signal.addEventListener("abort", leave, { once: true });
      item.forget = () => {
        signal.removeEventListener("abort", leave);
      };
      lane.waiting.push(item);
      if (known !== undefined) return;
      this.#lanes.set(task.key, lane);
      void this.#serve(task.key, lane);
    });
  }

  /** Never rejects: a run hands its failure to those who wait for it. */
  async #serve(key: string, lane: Lane<R>): Promise<void> {
    for (let [next] = lane.waiting; next !== undefined; [next] = lane.waiting) {
      const { task, signal } = next;
      const group = await this.#sorting.run(unsorted, () => task.group(signal));
      await this.#slots.run(group, async () => {
        const first = lane.waiting.shift();
        if (first !== undefined) await runFor(first, lane);
      });
    }
    this.#lanes.delete(key);
  }
}

async function runFor<R>(first: Waiting<R>, lane: Lane<R>): Promise<void> {
  const run = new Run<R>(lane);
  run.take(first);
  try {
    const result = await first.task.run(run);
    run.finish((member) => {
      member.resolve(result);
    });
  } catch (error) {
    run.finish((member) => {
      member.reject(error);
    });
  }
}

class Run<R> implements RunControl {
  readonly #lane: Lane<R>;
  readonly #members: Waiting<R>[] = [];
  readonly #controller = new AbortController();

  constructor(lane: Lane<R>) {
    this.#lane = lane;
    setMaxListeners(0, this.#controller.signal);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  stage(text: string): void {
    for (const { task } of this.#members) task.onStage(text);
  }

  waiting(): number {
    return this.#lane.waiting.length;
  }

  absorb(): void {
    const shareKey = this.#members[0]?.task.shareKey;
    if (shareKey === undefined) return;
    while (this.#lane.waiting[0]?.task.shareKey === shareKey) {
      const next = this.#lane.waiting.shift();
      if (next !== undefined) this.take(next);
    }
  }

  take(member: Waiting<R>): void {
    member.forget();
    this.#members.push(member);
    const abortWithAll = (): void => {
      if (this.#members.every(({ signal }) => signal.aborted)) this.#controller.abort(member.signal.reason);
    };
    member.signal.addEventListener("abort", abortWithAll, { once: true });
    member.forget = () => {
      member.signal.removeEventListener("abort", abortWithAll);
    };
  }

  finish(settle: (member: Waiting<R>) => void): void {
    for (const member of this.#members) {
      member.forget();
      settle(member);
    }
  }
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error("aborted");
}
