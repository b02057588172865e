import type { Delivery, DeliveryHandler, MessageLink, Reply } from "../../src/core/action.js";
import type { Log } from "../../src/core/ports.js";
import { Secret } from "../../src/core/secret.js";
import type { StompLinkOptions } from "../../services/stomp/link-options.js";
import { createStompLink } from "../../services/stomp/stomp-link.js";
import { type BrokerUser, workerUser } from "./broker-users.js";

export const quietLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** A queue that no other test uses. */
export function freshQueue(): string {
  return `actions.201.q${(queues += 1)}`;
}
let queues = 0;

export function credentialsOf({ login, passcode }: BrokerUser): StompLinkOptions["credentials"] {
  return { kind: "apiKey", login, passcode: new Secret(passcode) };
}

/** Settings of a link in a hurry: what takes seconds in production takes milliseconds. */
export function linkOptions(
  port: number,
  queue: string,
  overrides: Partial<StompLinkOptions> = {},
): StompLinkOptions {
  return {
    endpoint: { host: "127.0.0.1", port, tls: "off" },
    credentials: credentialsOf(workerUser),
    destinations: [queue],
    prefetch: 10,
    heartbeatMs: 10_000,
    connectTimeoutMs: 10_000,
    drainMs: 5_000,
    backoff: { firstMs: 10, maxMs: 200, stableMs: 0 },
    log: quietLog,
    ...overrides,
  };
}

export interface RunningLink extends AsyncDisposable {
  readonly link: MessageLink;
  /** Settles as `run` does. */
  readonly ended: Promise<void>;
  ready(): Promise<void>;
  stop(): Promise<void>;
}

export function startLink(options: StompLinkOptions, handler: DeliveryHandler): RunningLink {
  const link = createStompLink(options);
  const stopping = new AbortController();
  link.onDelivery(handler);
  const ended = link.run(stopping.signal);
  const outcome = ended.catch(() => undefined);
  const stop = async () => {
    stopping.abort();
    await outcome;
  };
  return {
    link,
    ended,
    ready: () => link.ready(AbortSignal.timeout(45_000)),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Deliveries in the order of arrival, for tests that settle by hand. */
export class Inbox {
  readonly all: Delivery[] = [];
  #next = 0;
  #arrived: () => void = () => undefined;
  #release: () => void = () => undefined;
  readonly #held = new Promise<void>((resolve) => {
    this.#release = resolve;
  });

  /** Keeps the delivery as work in flight until `release`. */
  readonly hold: DeliveryHandler = async (delivery) => {
    this.all.push(delivery);
    this.#arrived();
    await this.#held;
  };

  release(): void {
    this.#release();
  }

  async next(withinMs = 30_000): Promise<Delivery> {
    const deadline = Date.now() + withinMs;
    for (;;) {
      const delivery = this.all[this.#next];
      if (delivery !== undefined) {
        this.#next++;
        return delivery;
      }
      if (Date.now() >= deadline) throw new Error(`Only ${this.all.length} deliveries came`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, deadline - Date.now());
        this.#arrived = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}

export function done(message: string): Reply {
  return { outcome: "done", message };
}

/** Polls until `holds`; for facts that nobody announces. */
export async function eventually(holds: () => boolean, withinMs = 30_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`Not within ${withinMs} ms: ${holds.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
