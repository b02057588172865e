/** Holds at most this many times what it leaves to others, so alone it gets three quarters of all slots. */
const greed = 3;

/**
 * Slots for work, shared by groups whose work may hang. A group takes another slot only while enough stay free for
 * others; one that holds none takes any. So one hanging group leaves a quarter of the slots, two leave a quarter of
 * that, and who waits is served in turn, a group at a time.
 */
export class FairSlots {
  #free: number;
  readonly #held = new Map<string, number>();
  /** Groups that wait, the one whose turn is next first; each in the order of its arrivals. */
  readonly #waiting = new Map<string, (() => void)[]>();

  constructor(width: number) {
    this.#free = width;
  }

  /** Runs `work` as soon as the group may have a slot; of one group the first comes first. */
  async run<T>(group: string, work: () => Promise<T>): Promise<T> {
    await new Promise<void>((start) => {
      const queue = this.#waiting.get(group) ?? [];
      queue.push(start);
      this.#waiting.set(group, queue);
      this.#serve();
    });
    try {
      return await work();
    } finally {
      this.#release(group);
    }
  }

  #serve(): void {
    for (let turn = this.#next(); turn !== undefined; turn = this.#next()) {
      const { group, queue } = turn;
      const start = queue.shift();
      // Behind all others: its next one waits until each of them has had a turn.
      this.#waiting.delete(group);
      if (queue.length > 0) this.#waiting.set(group, queue);
      this.#free -= 1;
      this.#held.set(group, (this.#held.get(group) ?? 0) + 1);
      start?.();
    }
  }

  #next(): { readonly group: string; readonly queue: (() => void)[] } | undefined {
    for (const [group, queue] of this.#waiting) if (this.#mayTake(group)) return { group, queue };
    return undefined;
  }

  #mayTake(group: string): boolean {
    const held = this.#held.get(group) ?? 0;
    return this.#free > 0 && (held === 0 || held + 1 <= greed * (this.#free - 1));
  }

  #release(group: string): void {
    const held = (this.#held.get(group) ?? 1) - 1;
    if (held === 0) this.#held.delete(group);
    else this.#held.set(group, held);
    this.#free += 1;
    this.#serve();
  }
}
