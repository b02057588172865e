import type { SecretStoreConfig } from "./secret-store.js";
import type { AccountPolicy } from "../core/account.js";
import type { HitDetail } from "../core/hit.js";
import type { Priority } from "../core/indicator.js";
import type { ProxyServer } from "../core/proxy.js";
import type { Secret } from "../core/secret.js";

/** `[webserver]`: where the threat service listens. */
export interface WebserverConfig {
  readonly host: string;
  readonly port: number;
  /** One PEM with key and certificate; absent = plain HTTP. */
  readonly tls?: { readonly certFile: string } | undefined;
  /** When there are more, those that wait for a request make room. */
  readonly maxConnections: number;
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
}

export interface BasicCredentials {
  readonly user: string;
  readonly password: Secret;
}

/** `[custom_threat_service]`: the protocol and the look-up engine. Times carry their unit in the name. */
export interface ThreatServiceConfig {
  /** Starts with "/", has no trailing slash: "/cts". */
  readonly urlBase: string;
  readonly firstRetrySecs: number;
  readonly laterRetrySecs: number;
  /** Polls answered "ask again" before a look-up that could not be made ends as failed. */
  readonly maxRetries: number;
  /** Finished look-ups kept. */
  readonly cacheSize: number;
  readonly cacheTtlMs: number;
  /** For look-ups that ended without hits. */
  readonly missTtlMs: number;
  readonly uploadFile: boolean;
  readonly maxUploadBytes: number;
  /** Absent = everybody who reaches the port may ask. */
  readonly credentials?: BasicCredentials | undefined;
  /** Wrong credentials that one address may send in a minute; 0 = any number. */
  readonly maxWrongLogins: number;
  readonly answerWithinMs: number;
  /** Look-ups under way at once; beyond that the platform is asked to come back. */
  readonly maxPending: number;
  /** What they may hold beyond the few kilobytes that each takes: long values, many indicators. */
  readonly maxPendingBytes: number;
  readonly batchSize: number;
  readonly batchWindowMs: number;
  /** Upstream calls of the look-up engine under way at once. */
  readonly concurrency: number;
  /** Absent = nothing survives a restart. */
  readonly stateFile?: string | undefined;
}

/** How an upstream is reached. */
export interface WayOut {
  /** PEM text of authorities to trust beside the well-known ones. */
  readonly ca?: string | undefined;
  /** Absent = no proxy. */
  readonly proxy?: ProxyServer | undefined;
}

/** `[trustar_threat_source]`: the account that look-ups use. */
export interface ThreatSourceConfig extends WayOut {
  /** Root of the API without trailing slash: `<url>/oauth/token`, `<url>/api/1.3`. */
  readonly url: string;
  readonly stationUrl: string;
  readonly apiKey: Secret;
  readonly apiSecret: Secret;
  /** Empty = every enclave the account can read. */
  readonly enclaveIds: readonly string[];
  readonly minPriority: Exclude<Priority, "NOT_FOUND">;
  readonly hitDetail: HitDetail;
  /** Domains, addresses, CIDR blocks, artifact types (in lower case). */
  readonly neverLookup: readonly string[];
  /** Whether a `string` artifact that is no indicator is asked about as it is written. */
  readonly plainStrings: boolean;
  readonly callsPerMinute: number;
  readonly timeoutMs: number;
}

export type ResilientCredentials =
  | { readonly kind: "api-key"; readonly id: string; readonly secret: Secret }
  | { readonly kind: "account"; readonly email: string; readonly password: Secret };

/** PEM text of the authorities to trust; `false` = certificates aren't checked; undefined = the built-in authorities. */
export type TrustedAuthorities = string | false | undefined;

/** The message broker of the platform. */
export interface StompConfig {
  readonly host: string;
  readonly port: number;
  readonly ca: TrustedAuthorities;
  readonly proxy?: ProxyServer | undefined;
  readonly connectTimeoutMs: number;
  /** Unsettled messages the broker may send ahead. */
  readonly prefetch: number;
  readonly heartbeatMs: number;
}

/** `[resilient]`: the platform whose incidents and messages the worker handles. */
export interface ResilientConfig {
  readonly host: string;
  readonly port: number;
  /** What stands between host and `/rest`: "/api/respond" on Cloud Pak, else empty. */
  readonly resourcePrefix: string;
  /** Name, uuid or cloud account. */
  readonly org: string;
  readonly credentials: ResilientCredentials;
  readonly ca: TrustedAuthorities;
  readonly proxy?: ProxyServer | undefined;
  /** PEM texts. */
  readonly clientCert?: { readonly cert: string; readonly key: Secret } | undefined;
  readonly stomp: StompConfig;
  /** Incidents worked on at once. */
  readonly numWorkers: number;
}

/** One `[trustar_<name>]` section: what to do with incidents, and the TruSTAR account to do it with. */
export interface AccountConfig extends WayOut {
  readonly policy: AccountPolicy;
  /** Root of the API without trailing slash. */
  readonly url: string;
  readonly stationUrl: string;
  readonly apiKey: Secret;
  readonly apiSecret: Secret;
  readonly callsPerMinute: number;
  readonly timeoutMs: number;
}

/** What the half that listens needs. */
export interface WorkerConfig {
  readonly resilient: ResilientConfig;
  /** Programmatic name of the message destination. */
  readonly queue: string;
  /** Where a worker that runs alone tells of its health; absent = nowhere. */
  readonly healthPort?: number | undefined;
  /** In the order of the file. */
  readonly accounts: readonly AccountConfig[];
}

export type LogLevel = "debug" | "info" | "warn" | "error" | "fatal";

/** Everything an app.config says, checked and in our units. */
export interface AppConfig {
  /** The file it came from. */
  readonly path: string;
  readonly logLevel: LogLevel;
  readonly secretStore: SecretStoreConfig;
  readonly webserver: WebserverConfig;
  readonly threatService: ThreatServiceConfig;
  /** Absent when the file has no such section: only the worker can run then. */
  readonly threatSource?: ThreatSourceConfig | undefined;
  /** One that can't be asked, beside a worker that runs alone: its never_lookup and addresses count all the same. */
  readonly idleThreatSource?: ThreatSourceConfig | undefined;
  /** Absent when the file configures no worker: only the server can run then. */
  readonly worker?: WorkerConfig | undefined;
  /** Sentences for the log at start: unknown keys, odd units, switched-off protections. */
  readonly warnings: readonly string[];
}
