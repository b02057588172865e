/**
 * Every failure this program raises on purpose. `code` is stable and safe to alert on, `message` is written for the
 * person who has to act, `retryable` says whether asking again later can help.
 */
export abstract class TrustarResilientError extends Error {
  abstract readonly code: string;
  readonly retryable: boolean = false;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The configuration can't be used; `problems` names every section and key at fault, never a secret's value. */
export class ConfigError extends TrustarResilientError {
  readonly code = "config_invalid";
  readonly problems: readonly string[];

  constructor(problems: readonly string[], options?: ErrorOptions) {
    super(problems.join("\n"), options);
    this.problems = problems;
  }
}

/** The caller sent something that isn't an artifact; asking again with the same words can't help. */
export class InvalidArtifactError extends TrustarResilientError {
  readonly code = "artifact_invalid";
}

/** More bytes than we accept. */
export class PayloadTooLargeError extends TrustarResilientError {
  readonly code = "payload_too_large";
}

/** Too much to do, or shutting down: the caller should come back later. */
export class OverloadedError extends TrustarResilientError {
  readonly code = "overloaded";
  override readonly retryable = true;
}

export type UpstreamErrorCode =
  | "upstream_unreachable"
  | "upstream_timeout"
  | "upstream_failed"
  | "upstream_invalid_answer"
  | "upstream_unreadable_item"
  | "upstream_token_expired"
  | "upstream_unauthorized"
  | "upstream_forbidden"
  | "upstream_not_found"
  | "upstream_wrong_address"
  | "upstream_too_large"
  | "upstream_rejected"
  /** The proxy on the way did not answer; nothing was sent to the upstream. */
  | "proxy_unreachable"
  /** The proxy on the way does not let us through; nothing was sent to the upstream. */
  | "proxy_refused";

const retryableCodes: ReadonlySet<UpstreamErrorCode> = new Set([
  "upstream_unreachable",
  "upstream_timeout",
  "upstream_failed",
  "upstream_invalid_answer",
  "upstream_token_expired",
  "proxy_unreachable",
]);

export interface UpstreamFacts {
  /** HTTP status, when there was an answer. */
  readonly status?: number | undefined;
  /** HTTP status of a proxy that answered instead. */
  readonly proxyStatus?: number | undefined;
  /** TruSTAR's `Trace-Id`: what their support asks for. */
  readonly traceId?: string | undefined;
  /** Something was to be made that must not be made twice, and may have been made. */
  readonly inDoubt?: boolean | undefined;
}

/** TruSTAR or Resilient could not be asked, or refused. */
export class UpstreamError extends TrustarResilientError {
  readonly code: UpstreamErrorCode;
  override readonly retryable: boolean;
  readonly status: number | undefined;
  readonly proxyStatus: number | undefined;
  readonly traceId: string | undefined;
  readonly inDoubt: boolean;

  constructor(code: UpstreamErrorCode, message: string, facts: UpstreamFacts = {}, options?: ErrorOptions) {
    super(facts.traceId === undefined ? message : `${message} (Trace-Id ${facts.traceId})`, options);
    this.code = code;
    this.retryable = retryableCodes.has(code);
    this.status = facts.status;
    this.proxyStatus = facts.proxyStatus;
    this.traceId = facts.traceId;
    this.inDoubt = facts.inDoubt === true;
  }
}

/** The upstream, or our own budget for it, is used up until `retryAtMs` (milliseconds since the epoch). */
export class RateLimitedError extends TrustarResilientError {
  readonly code: "upstream_rate_limited" | "quota_exhausted";
  override readonly retryable = true;
  readonly retryAtMs: number;

  constructor(
    code: "upstream_rate_limited" | "quota_exhausted",
    message: string,
    retryAtMs: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.code = code;
    this.retryAtMs = retryAtMs;
  }
}

export type BrokerRefusalCode =
  "broker_credentials_refused" | "broker_destination_refused" | "broker_already_subscribed";

/** The message broker will not have us; the message says what an administrator must change. */
export class BrokerRefusedError extends TrustarResilientError {
  readonly code: BrokerRefusalCode;

  constructor(code: BrokerRefusalCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The link to the broker went before a message was settled: the broker delivers it again. */
export class DeliveryLostError extends TrustarResilientError {
  readonly code = "delivery_lost";
  override readonly retryable = true;
}

/** The broker took back the transaction of an answer. */
export class ReplyRefusedError extends TrustarResilientError {
  readonly code = "reply_refused";
  override readonly retryable = true;
}

/** A message that is not what the platform sends; delivering it again can't help. */
export class InvalidMessageError extends TrustarResilientError {
  readonly code = "message_invalid";
}

/** Whether asking again later can help; what we did not raise ourselves is a bug of ours and is not repeated. */
export function isRetryable(error: unknown): boolean {
  return error instanceof TrustarResilientError && error.retryable;
}
