import type { Delivery, DeliveryHandler, MessageLink } from "../../src/core/action.js";
import { type BrokerRefusedError, UpstreamError } from "../../src/core/errors.js";
import { systemClock } from "../../src/core/time.js";
import { type After, pause, realAfter } from "./after.js";
import type { SessionOptions, StompLinkOptions } from "./link-options.js";
import { type LinkEvent, type LinkState, nextState, patientBackoff, problemOf } from "./link-state.js";
import { RunningWork } from "./running-work.js";
import type { MessageFrame } from "./incoming-frame.js";
import { toDelivery } from "./stomp-delivery.js";
import type { SessionEnd } from "./session-end.js";
import { StompSession } from "./stomp-session.js";

/** How long the broker may take over our good-bye. */
const GOOD_BYE_MS = 2_000;

export function createStompLink(options: StompLinkOptions): MessageLink {
  return new StompLink(options);
}

class StompLink implements MessageLink {
  readonly #options: StompLinkOptions & SessionOptions;
  readonly #after: After;
  readonly #work: RunningWork;
  readonly #watchers = new Set<() => void>();
  #handler: DeliveryHandler | undefined;
  #state: LinkState = { phase: "idle" };
  #readySinceMs: number | undefined;
  #hadSubscription = false;
  /** Destinations that the broker refuses, until the connection is lost: the others go on without them. */
  readonly #leftOut = new Map<string, BrokerRefusedError>();

  constructor(options: StompLinkOptions) {
    this.#after = options.after ?? realAfter;
    this.#options = { ...options, after: this.#after };
    this.#work = new RunningWork(this.#after);
  }

  onDelivery(handler: DeliveryHandler): void {
    this.#handler = handler;
  }

  problem(): string | undefined {
    return problemOf(this.#state);
  }

  async run(signal: AbortSignal): Promise<void> {
    if (this.#state.phase !== "idle") throw new Error("A link runs only once");
    if (this.#handler === undefined) throw new Error("A link needs somebody to take its deliveries");
    this.#move({ type: "started" });
    try {
      while (!signal.aborted) {
        const end = await this.#connection(signal);
        if (end.kind === "refused") {
          if (this.#leaveOut(end)) continue;
          const error = this.#leftOut.get(this.#options.destinations[0] ?? "") ?? end.error;
          this.#move({ type: "refused", error });
          throw error;
        }
        await this.#comeBack(end, signal);
      }
    } finally {
      await this.#drain();
      this.#move({ type: "stopped" });
    }
  }

  ready(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void) => {
        this.#watchers.delete(look);
        signal.removeEventListener("abort", giveUp);
        settle();
      };
      const giveUp = () => {
        finish(() => {
          reject(this.#notReady());
        });
      };
      const look = () => {
        if (this.#state.phase === "ready") finish(resolve);
        else if (signal.aborted || isEnd(this.#state)) giveUp();
      };
      this.#watchers.add(look);
      signal.addEventListener("abort", giveUp);
      look();
    });
  }

  /** One connection, from its first packet to its end; says good-bye when `signal` aborts. */
  async #connection(signal: AbortSignal): Promise<SessionEnd> {
    const destinations = this.#options.destinations.filter((one) => !this.#leftOut.has(one));
    const session = new StompSession(
      { ...this.#options, destinations },
      {
        onReady: () => {
          this.#onReady(destinations);
        },
        onMessage: (frame) => {
          this.#onMessage(frame, session);
        },
      },
      this.#hadSubscription,
    );
    const stop = () => {
      this.#move({ type: "stopping" });
      void this.#drain().then(() => session.disconnect(GOOD_BYE_MS));
    };
    signal.addEventListener("abort", stop, { once: true });
    session.open();
    try {
      return await session.ended;
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  #onReady(destinations: readonly string[]): void {
    const { endpoint, log } = this.#options;
    this.#hadSubscription = true;
    this.#readySinceMs = this.#now();
    this.#move({ type: "subscribed" });
    log.info(
      { host: endpoint.host, port: endpoint.port, destinations },
      "Message broker: connected and subscribed",
    );
  }

  /** Whether there are others, which are connected to at once without the refused one. */
  #leaveOut({ error, destination }: SessionEnd & { readonly kind: "refused" }): boolean {
    const { destinations, log } = this.#options;
    const isRefused = error.code === "broker_destination_refused";
    if (destination === undefined || !isRefused || this.#leftOut.size + 1 >= destinations.length)
      return false;
    this.#leftOut.set(destination, error);
    // The others may have been subscribed on the connection that has just ended.
    this.#hadSubscription = true;
    log.warn(
      { destination, reason: error.message },
      "Message broker: a message destination is left out until the next connection; the others go on",
    );
    return true;
  }

  /**
   * While stopping, new messages are left alone: they go back to the queue when we disconnect. Unsubscribing would not
   * do: the broker then takes back what is being worked on as well, and delivers again what was just answered.
   */
  #onMessage(frame: MessageFrame, session: StompSession): void {
    if (this.#work.draining) return;
    const delivery = toDelivery(frame, session);
    if (delivery === undefined) {
      session.violation("a message that can't be acknowledged");
      return;
    }
    this.#work.add(this.#handle(delivery));
  }

  /** Keeps no hold of the delivery, whose body may be large, while it is worked on. */
  #handle(delivery: Delivery): Promise<void> {
    const { messageId } = delivery;
    const handled = this.#handler?.(delivery, this.#work.signal) ?? Promise.resolve();
    return handled.catch((error: unknown) => {
      this.#options.log.error({ err: error, messageId }, "A delivery was not taken over");
    });
  }

  async #comeBack(end: SessionEnd, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const reason = end.kind === "dropped" ? end.reason : "The connection was closed.";
    const upMs = this.#readySinceMs === undefined ? 0 : this.#now() - this.#readySinceMs;
    this.#readySinceMs = undefined;
    this.#leftOut.clear();
    const random = (this.#options.random ?? Math.random)();
    this.#move({ type: "dropped", reason, upMs, random });
    const retryInMs = this.#state.phase === "waiting" ? this.#state.delayMs : 0;
    this.#options.log.warn({ reason, retryInMs }, "Message broker: not connected");
    await pause(this.#after, retryInMs, signal);
    this.#move({ type: "waited" });
  }

  #drain(): Promise<void> {
    return this.#work.drain(this.#options.drainMs, (unfinished) => {
      this.#options.log.warn({ unfinished }, "Message broker: stopping before all messages were done");
    });
  }

  #notReady(): Error {
    if (this.#state.phase === "refused") return this.#state.error;
    return new UpstreamError(
      "upstream_unreachable",
      this.problem() ?? "The message broker is not connected.",
    );
  }

  #move(event: LinkEvent): void {
    this.#state = nextState(this.#state, event, this.#options.backoff ?? patientBackoff);
    for (const look of [...this.#watchers]) look();
  }

  #now(): number {
    return (this.#options.clock ?? systemClock).now();
  }
}

function isEnd({ phase }: LinkState): boolean {
  return phase === "refused" || phase === "stopping" || phase === "stopped";
}
