import type { BrokerUser } from "../broker-users.js";
import type { BrokerQueue } from "./broker-queue.js";

/** What a connection needs of the broker behind it. */
export interface BrokerCore {
  readonly name: string;
  user(login: string | undefined): BrokerUser | undefined;
  queue(name: string): BrokerQueue;
  nextNumber(): number;
  /** An injected refusal for this command, used up by asking. */
  refusal(command: string): string | undefined;
  /** Injected slowness: before each frame of a client is looked at. */
  readonly delayMs: number;
}

export type Headers = Readonly<Record<string, string>>;

/** How a client is answered. */
export interface Answers {
  message(headers: Readonly<Record<string, string | undefined>>, body: Buffer): void;
  /** If the client asked for one. */
  receipt(headers: Headers): void;
  error(message: string, headers: Headers): void;
}
