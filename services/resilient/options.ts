import type { Log } from "../../src/core/ports.js";
import type { ProxyServer } from "../../src/core/proxy.js";
import type { Secret } from "../../src/core/secret.js";
import { SECOND_MS, systemClock, type Clock } from "../../src/core/time.js";
import { withoutEnd } from "../../src/core/without-end.js";
import type { Pause } from "../http/pause.js";
import { patient, type Patience } from "./resend.js";

/** `api_key_id`/`api_key_secret`, or the deprecated `email`/`password`. */
export type ResilientCredentials =
  | { readonly kind: "api-key"; readonly id: string; readonly secret: Secret }
  | { readonly kind: "account"; readonly email: string; readonly password: Secret };

export interface ResilientOptions {
  /** `https://host:port`, nothing behind it. */
  readonly baseUrl: string;
  /** What stands between host and `/rest`: "/api/respond" on Cloud Pak. */
  readonly resourcePrefix?: string | undefined;
  /** Name, uuid or cloud account; compared exactly. */
  readonly org: string | undefined;
  readonly credentials: ResilientCredentials;
  /** PEM text of what `cafile` names, or `false`: the certificate is not checked. Absent = the system's CAs. */
  readonly ca?: string | false | undefined;
  readonly clientCert?: { readonly cert: string; readonly key: Secret } | undefined;
  /** Absent = no proxy, whatever the environment names: that is read with the configuration. */
  readonly proxy?: ProxyServer | undefined;
  readonly log: Log;
  readonly clock?: Clock | undefined;
  /** One attempt, from sending to the last byte. */
  readonly timeoutMs?: number | undefined;
  /** Calls under way at once. */
  readonly maxSockets?: number | undefined;
  /** Of an answer, unpacked; and of a request. */
  readonly maxAnswerBytes?: number | undefined;
  /** Values and keys in an answer, roughly. */
  readonly maxParts?: number | undefined;
  readonly retry?: Patience | undefined;
  /** How waiting out a 429 is done; tests don't wait. */
  readonly sleep?: Pause | undefined;
}

export const defaults = {
  timeoutMs: 30 * SECOND_MS,
  maxSockets: 16,
  // 500 artifacts with their hits are a few MiB. Whatever is longer would keep everybody else waiting.
  maxAnswerBytes: 16 * 1024 * 1024,
  maxParts: 200_000,
  retry: patient,
  clock: systemClock,
} as const;

/** `https://host:port/prefix`, without a slash at the end. */
export function rootUrl(options: Pick<ResilientOptions, "baseUrl" | "resourcePrefix">): string {
  const prefix = withoutEnd(options.resourcePrefix ?? "", "/").replace(/^\/+/, "");
  const base = withoutEnd(options.baseUrl, "/");
  return prefix === "" ? base : `${base}/${prefix}`;
}
