import { Activemq } from "./activemq.js";
import { type BrokerUser, defaultUsers, platformUser } from "./broker-users.js";
import { createAuthority } from "./certificates.js";
import { PlatformClient } from "./platform-client.js";
import type { ReplyLog } from "./reply-log.js";
import { StompBroker } from "./stomp-broker/stomp-broker.js";

/** A broker for tests: the double, or Apache ActiveMQ when the environment says BROKER=activemq. */
export interface TestBroker {
  readonly kind: "double" | "activemq";
  readonly host: "127.0.0.1";
  readonly port: number;
  /** STOMP over TLS, with a certificate for one name only, "localhost" unless another was wanted. */
  readonly tlsPort: number;
  /** PEM of the authority behind that certificate. */
  readonly ca: string;
  /** A connection as the platform; reads the answers that arrive on these queues. */
  platform(replyQueues?: readonly string[], log?: ReplyLog): Promise<PlatformClient>;
  /** As by a power cut; persistent messages survive. */
  kill(): Promise<void>;
  /** After `kill`, on the same ports. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export interface TestBrokerOptions {
  /** Must contain the platform's own user. */
  readonly users?: readonly BrokerUser[] | undefined;
  /** The name in its certificate. */
  readonly host?: string | undefined;
}

/** Long enough for a JVM to start on a busy machine. */
export const BROKER_START_MS = 180_000;

export async function startTestBroker({
  users = defaultUsers,
  host = "localhost",
}: TestBrokerOptions = {}): Promise<TestBroker> {
  const authority = await createAuthority();
  const options = { users, certificate: await authority.issue(host) };
  const real = process.env["BROKER"] === "activemq";
  const broker = real ? await Activemq.create(options) : new StompBroker(options);
  await broker.start();
  return {
    kind: real ? "activemq" : "double",
    host: "127.0.0.1",
    port: broker.port,
    tlsPort: broker.tlsPort,
    ca: authority.ca,
    platform: (replyQueues = [], log) => PlatformClient.connect(broker.port, platformUser, replyQueues, log),
    kill: () => broker.kill(),
    restart: () => broker.start(),
    close: () => (broker instanceof Activemq ? broker.close() : broker.kill()),
  };
}
