import type { Duplex } from "node:stream";
import type { Clock } from "../../src/core/time.js";
import type { Log } from "../../src/core/ports.js";
import type { Secret } from "../../src/core/secret.js";
import type { After } from "./after.js";
import type { Backoff } from "./link-state.js";

export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
}

export interface BrokerTls {
  /** PEM of the authorities to trust instead of the built-in ones. */
  readonly ca?: string | undefined;
  /** Only an explicit `false` switches the check of certificate and host name off. */
  readonly rejectUnauthorized?: boolean | undefined;
}

/** Opens the way to the broker through something else, a proxy: TLS then runs inside it. */
export type OpenTunnel = (address: BrokerAddress, signal: AbortSignal) => Promise<Duplex>;

export interface BrokerEndpoint extends BrokerAddress {
  /** `off` is for a broker on the same machine: the platform's speaks TLS only. */
  readonly tls: BrokerTls | "off";
  readonly openTunnel?: OpenTunnel | undefined;
}

export interface BrokerCredentials {
  readonly kind: "apiKey" | "user";
  readonly login: string;
  readonly passcode: Secret;
}

/** Everything one connection needs. */
export interface SessionOptions {
  readonly endpoint: BrokerEndpoint;
  readonly credentials: BrokerCredentials;
  /** `actions.<org>.<queue>`. */
  readonly destinations: readonly string[];
  /** Unsettled messages the broker may send ahead, per destination. */
  readonly prefetch: number;
  /** What we ask of the broker and promise ourselves. */
  readonly heartbeatMs: number;
  /** From the first packet to the last confirmed subscription. */
  readonly connectTimeoutMs: number;
  readonly log: Log;
  readonly after: After;
}

export interface StompLinkOptions extends Omit<SessionOptions, "after"> {
  /** How long running work may take to finish once the link is asked to stop. */
  readonly drainMs: number;
  /** Timers of the link; real ones in production. */
  readonly after?: After | undefined;
  readonly backoff?: Backoff | undefined;
  readonly clock?: Clock | undefined;
  /** In [0, 1). */
  readonly random?: (() => number) | undefined;
}
