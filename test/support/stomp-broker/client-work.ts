import { type BrokerUser, covers } from "../broker-users.js";
import type { Answers, BrokerCore, Headers } from "./broker-core.js";
import type { BrokerQueue, Consumer, StoredMessage } from "./broker-queue.js";

interface Subscription {
  readonly queue: BrokerQueue;
  readonly consumer: Consumer;
}

interface Transaction {
  readonly sends: (() => void)[];
  readonly acks: string[];
  rollbackOnly: boolean;
}

/** Headers that speak to the broker and are not kept with the message. */
const notKept: ReadonlySet<string> = new Set(["destination", "transaction", "receipt", "content-length"]);

/** What one logged-in client has under way. Answers, words included, are those that ActiveMQ 5.17 was seen to give. */
export class ClientWork {
  readonly #id: string;
  readonly #core: BrokerCore;
  readonly #user: BrokerUser;
  readonly #answers: Answers;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #transactions = new Map<string, Transaction>();
  /** Tokens of removed subscriptions: ActiveMQ takes an ACK for them without a word, and without effect. */
  readonly #stale = new Set<string>();

  constructor(id: string, core: BrokerCore, user: BrokerUser, answers: Answers) {
    this.#id = id;
    this.#core = core;
    this.#user = user;
    this.#answers = answers;
  }

  /** @returns false for a command that does not exist */
  handle(command: string, headers: Headers, body: Buffer): boolean {
    switch (command) {
      case "SUBSCRIBE":
        this.#subscribe(headers);
        return true;
      case "SEND":
        this.#send(headers, body);
        return true;
      case "ACK":
        this.#ack(headers);
        return true;
      case "COMMIT":
        this.#commit(headers);
        return true;
      default:
        return this.#handleQuietly(command, headers);
    }
  }

  /** The connection is gone: nothing uncommitted happened, and what was not settled goes back. */
  end(): void {
    for (const id of [...this.#subscriptions.keys()]) this.#unsubscribe(id);
    this.#transactions.clear();
  }

  #handleQuietly(command: string, headers: Headers): boolean {
    const transaction = headers["transaction"] ?? "";
    if (command === "BEGIN")
      this.#transactions.set(transaction, { sends: [], acks: [], rollbackOnly: false });
    else if (command === "ABORT") this.#transactions.delete(transaction);
    else if (command === "UNSUBSCRIBE") this.#unsubscribe(headers["id"] ?? "");
    else if (command === "NACK") this.#nack(headers["id"] ?? "");
    else return false;
    this.#answers.receipt(headers);
    return true;
  }

  #subscribe(headers: Headers): void {
    const name = queueName(headers["destination"]);
    if (!this.#user.read.some((pattern) => covers(pattern, name))) {
      this.#answers.error(
        `User ${this.#user.login} is not authorized to read from: queue://${name}`,
        headers,
      );
      return;
    }
    const id = headers["id"] ?? "";
    const queue = this.#core.queue(name);
    const automatic = (headers["ack"] ?? "auto") === "auto";
    const consumer: Consumer = {
      prefetch: Number(headers["activemq.prefetchSize"] ?? 1000),
      unsettled: new Map(),
      deliver: (message) => this.#deliver(id, name, message, automatic),
    };
    this.#subscriptions.set(id, { queue, consumer });
    this.#answers.receipt(headers);
    queue.addConsumer(consumer);
    queue.dispatch();
  }

  #deliver(
    subscription: string,
    queue: string,
    message: StoredMessage,
    automatic: boolean,
  ): string | undefined {
    const ack = automatic ? undefined : `${this.#id}:${this.#core.nextNumber()}`;
    const headers = {
      ...message.headers,
      expires: "0",
      priority: "4",
      destination: `/queue/${queue}`,
      subscription,
      "message-id": message.id,
      redelivered: message.deliveries > 0 ? "true" : undefined,
      ack,
      "content-length": String(message.body.length),
    };
    this.#answers.message(headers, message.body);
    return ack;
  }

  #send(headers: Headers, body: Buffer): void {
    const transaction = this.#transactions.get(headers["transaction"] ?? "");
    const name = queueName(headers["destination"]);
    if (!this.#user.write.some((pattern) => covers(pattern, name))) {
      if (transaction !== undefined) transaction.rollbackOnly = true;
      this.#answers.error(`User ${this.#user.login} is not authorized to write to: queue://${name}`, headers);
      return;
    }
    const store = () => {
      this.#store(name, headers, body);
    };
    if (transaction === undefined) store();
    else transaction.sends.push(store);
    this.#answers.receipt(headers);
  }

  #store(name: string, headers: Headers, body: Buffer): void {
    const place = this.#core.nextNumber();
    const kept = Object.entries(headers).filter(([header]) => !notKept.has(header));
    const queue = this.#core.queue(name);
    queue.put({
      id: `${this.#id}:-1:1:${place}`,
      place,
      headers: { ...Object.fromEntries(kept), timestamp: String(Date.now()) },
      body: Buffer.from(body),
      persistent: headers["persistent"] === "true",
      deliveries: 0,
    });
    queue.dispatch();
  }

  #ack(headers: Headers): void {
    const token = headers["id"] ?? "";
    const known = [...this.#subscriptions.values()].some(({ consumer }) => consumer.unsettled.has(token));
    if (!known && !this.#stale.has(token)) {
      this.#answers.error("Unexpected ACK received for message-id [null]", headers);
      return;
    }
    const transaction = this.#transactions.get(headers["transaction"] ?? "");
    if (transaction === undefined) this.#settle(token);
    else transaction.acks.push(token);
    this.#answers.receipt(headers);
  }

  #commit(headers: Headers): void {
    const id = headers["transaction"] ?? "";
    const transaction = this.#transactions.get(id);
    this.#transactions.delete(id);
    if (transaction === undefined) this.#answers.error(`Invalid transaction id: ${id}`, headers);
    else if (transaction.rollbackOnly) {
      this.#answers.error("COMMIT FAILED: Transaction marked rollback only xaErrorCode:100", headers);
    } else {
      for (const store of transaction.sends) store();
      for (const token of transaction.acks) this.#settle(token);
      this.#answers.receipt(headers);
    }
  }

  #settle(token: string): StoredMessage | undefined {
    for (const { queue, consumer } of this.#subscriptions.values()) {
      const message = consumer.unsettled.get(token);
      if (message === undefined) continue;
      consumer.unsettled.delete(token);
      queue.dispatch();
      return message;
    }
    return undefined;
  }

  #nack(token: string): void {
    const message = this.#settle(token);
    if (message !== undefined) this.#core.queue("ActiveMQ.DLQ").put(message);
  }

  #unsubscribe(id: string): void {
    const subscription = this.#subscriptions.get(id);
    if (subscription === undefined) return;
    this.#subscriptions.delete(id);
    for (const token of subscription.consumer.unsettled.keys()) this.#stale.add(token);
    subscription.queue.removeConsumer(subscription.consumer);
  }
}

function queueName(destination = ""): string {
  return destination.replace(/^\/queue\//, "");
}
