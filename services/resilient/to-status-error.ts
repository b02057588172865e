import { z } from "zod";
import { RateLimitedError, UpstreamError } from "../../src/core/errors.js";
import { HOUR_MS, SECOND_MS } from "../../src/core/time.js";
import { withoutValues, type Hidden } from "../http/without-values.js";

const longestQuote = 300;
/** What is longer is a page for people, and not the platform's. */
const longestErrorBody = 64 * 1024;
const longestHints = 20;
/** A server that says more is wrong, and must not keep us away for a day. */
const longestWaitMs = HOUR_MS;

/** The platform's error body; its `message` is written for people and names the field at fault. */
const errorBody = z.object({
  message: z.string().nullish(),
  title: z.string().nullish(),
  hints: z.array(z.string()).nullish().catch(undefined),
});

export interface StatusAnswer {
  readonly status: number;
  readonly body: string;
  readonly retryAfter: string | undefined;
  /** What the platform may quote of the request, and our errors must not. */
  readonly hidden?: Hidden | undefined;
}

/** What an HTTP status other than success means to a person: what we wanted, what Resilient said, what to do. */
export function toStatusError(
  answer: StatusAnswer,
  what: string,
  nowMs: number,
): UpstreamError | RateLimitedError {
  const { status } = answer;
  const said = quote(answer);
  const facts = { status };
  if (status === 401) {
    const message = `Resilient refused the credentials in [resilient] when asked to ${what}${said}`;
    return new UpstreamError("upstream_unauthorized", message, facts);
  }
  if (status === 403) {
    const advice = "Give the account, or its API key, the permission for it";
    return new UpstreamError(
      "upstream_forbidden",
      `Resilient does not allow this account to ${what}${said}. ${advice}`,
      facts,
    );
  }
  if (status === 404) {
    const message = `Could not ${what}: Resilient has no such object, or hides it from this account${said}`;
    return new UpstreamError("upstream_not_found", message, facts);
  }
  if (status === 409) {
    const message = `Could not ${what}: somebody else changed it at the same moment${said}`;
    return new UpstreamError("upstream_rejected", message, facts);
  }
  if (status === 413) {
    return new UpstreamError("upstream_too_large", `Too large for Resilient: ${what}${said}`, facts);
  }
  if (status === 429) {
    const message = `Resilient asks to wait before it will ${what}${said}`;
    return new RateLimitedError("upstream_rate_limited", message, nowMs + waitMs(answer.retryAfter, nowMs));
  }
  if (status < 400) {
    const advice = "check host, port and resource_prefix in [resilient]";
    return new UpstreamError(
      "upstream_rejected",
      `A redirect (${status}) came back when asked to ${what}: ${advice}`,
      facts,
    );
  }
  return status >= 500
    ? new UpstreamError("upstream_failed", `Resilient failed (HTTP ${status}) to ${what}${said}`, facts)
    : new UpstreamError("upstream_rejected", `Resilient refused (HTTP ${status}) to ${what}${said}`, facts);
}

/** `: "Field discovered date is required." (field_defs)`, or nothing when the body is not the platform's. */
function quote({ body, hidden = {} }: StatusAnswer): string {
  const parsed = errorBody.safeParse(parseJson(body));
  if (!parsed.success) return "";
  const { message, title, hints } = parsed.data;
  const said = [
    message ?? title ?? "",
    ...(hints?.length ? [`(${hints.slice(0, longestHints).join(", ")})`] : []),
  ].join(" ");
  const text = oneLine(withoutValues(said, hidden));
  return text === "" ? "" : `: ${text}`;
}

function oneLine(text: string): string {
  const flat = text.replace(/\s+/g, " ").trim();
  return flat.length <= longestQuote ? flat : `${flat.slice(0, longestQuote)}…`;
}

function parseJson(text: string): unknown {
  if (text.length > longestErrorBody) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Seconds or an HTTP date. Without either, a moment: the back-off of the caller does the rest. */
function waitMs(retryAfter: string | undefined, nowMs: number): number {
  if (retryAfter === undefined) return 1 * SECOND_MS;
  const isSeconds = /^\d+$/.test(retryAfter.trim());
  const toldMs = isSeconds ? Number(retryAfter) * SECOND_MS : Date.parse(retryAfter) - nowMs;
  return Number.isNaN(toldMs) ? 1 * SECOND_MS : Math.min(Math.max(0, toldMs), longestWaitMs);
}
