/** A message as the broker keeps it. */
export interface StoredMessage {
  readonly id: string;
  /** Its place in the queue; a message that comes back takes it again. */
  readonly place: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly persistent: boolean;
  readonly deliveries: number;
}

export interface Consumer {
  readonly prefetch: number;
  /** What was sent and not settled; the broker's side of the prefetch window. */
  readonly unsettled: Map<string, StoredMessage>;
  /** @returns the acknowledgement token, or nothing when none is expected */
  deliver(message: StoredMessage): string | undefined;
}

/** One queue: first in, first out, round robin over consumers that have room. */
export class BrokerQueue {
  readonly name: string;
  #waiting: StoredMessage[] = [];
  #consumers: Consumer[] = [];

  constructor(name: string) {
    this.name = name;
  }

  get waiting(): readonly StoredMessage[] {
    return this.#waiting;
  }

  put(message: StoredMessage): void {
    const at = this.#waiting.findLastIndex((other) => other.place < message.place);
    this.#waiting.splice(at + 1, 0, message);
  }

  addConsumer(consumer: Consumer): void {
    this.#consumers.push(consumer);
  }

  /** What the consumer had not settled goes back to its place, marked as delivered before. */
  removeConsumer(consumer: Consumer): void {
    this.#consumers = this.#consumers.filter((other) => other !== consumer);
    for (const message of consumer.unsettled.values()) this.put(message);
    consumer.unsettled.clear();
    this.dispatch();
  }

  dispatch(): void {
    for (;;) {
      const next = this.#waiting[0];
      const consumer = this.#consumers.find(({ prefetch, unsettled }) => unsettled.size < prefetch);
      if (next === undefined || consumer === undefined) return;
      this.#waiting.shift();
      this.#consumers = [...this.#consumers.filter((other) => other !== consumer), consumer];
      const token = consumer.deliver(next);
      if (token !== undefined) consumer.unsettled.set(token, { ...next, deliveries: next.deliveries + 1 });
    }
  }

  /** The broker died: what was not on disk is gone, and nobody is connected. */
  crash(): void {
    for (const { unsettled } of this.#consumers) {
      for (const message of unsettled.values()) this.put(message);
      unsettled.clear();
    }
    this.#consumers = [];
    this.#waiting = this.#waiting.filter((message) => message.persistent);
  }
}
