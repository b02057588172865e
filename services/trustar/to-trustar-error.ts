import { RateLimitedError, UpstreamError, type UpstreamErrorCode } from "../../src/core/errors.js";
import { DAY_MS, MINUTE_MS } from "../../src/core/time.js";
import { withoutValues } from "../http/without-values.js";
import { errorBody } from "./trustar-schema.js";

/** What we read of an answer that isn't a success. */
export interface RefusedAnswer {
  readonly status: number;
  readonly text: string;
  readonly traceId: string | undefined;
  /** Values of the request that TruSTAR may quote in its message: they do not go into errors, which are logged. */
  readonly askedValues: readonly string[];
}

/** A 429 that doesn't say how long: a full window of the per-minute limit is always enough. */
const unsaidWaitMs = MINUTE_MS;

/** The day's quota is renewed at midnight UTC: nobody has to wait longer. */
const longestWaitMs = DAY_MS;
const maxSaidChars = 300;

const adviceByStatus: Readonly<Record<number, readonly [UpstreamErrorCode, string]>> = {
  401: ["upstream_unauthorized", "refused the API key or secret; check user_api_key and user_api_secret"],
  403: ["upstream_forbidden", "refused access; check the account's rights on the configured enclaves"],
  404: ["upstream_not_found", "does not know what was asked for"],
  408: ["upstream_timeout", "timed out waiting for our request"],
  413: ["upstream_too_large", "found the request too large"],
  414: ["upstream_too_large", "found the query string too long"],
};

/** Status and body of a refusal → one of our errors. `call` names the endpoint, never a value. */
export function toTrustarError(
  call: string,
  answer: RefusedAnswer,
  nowMs: number,
): UpstreamError | RateLimitedError {
  const body = readBody(answer.text);
  if (answer.status === 429) {
    const retryAtMs = nowMs + Math.min(body.waitTime ?? unsaidWaitMs, longestWaitMs);
    const until = new Date(retryAtMs).toISOString();
    return new RateLimitedError(
      "upstream_rate_limited",
      `TruSTAR asked to wait until ${until} (${call})`,
      retryAtMs,
    );
  }
  const facts = { status: answer.status, traceId: answer.traceId };
  if (isTokenRefusal(answer.status, body)) {
    return new UpstreamError("upstream_token_expired", "TruSTAR says the access token has expired", facts);
  }
  const said = body.message ?? body.error_description ?? body.error;
  const quoted = said == null ? "" : `: ${withoutValues(said, answer.askedValues).slice(0, maxSaidChars)}`;
  const [code, advice] = adviceByStatus[answer.status] ?? classify(answer.status);
  return new UpstreamError(code, `TruSTAR ${advice} (${call}, HTTP ${answer.status})${quoted}`, facts);
}

function classify(status: number): readonly [UpstreamErrorCode, string] {
  if (status >= 500) return ["upstream_failed", "has a problem of its own"];
  if (status >= 400) return ["upstream_rejected", "rejected the request"];
  return [
    "upstream_invalid_answer",
    "answered with a status that its API does not have; is a proxy in between?",
  ];
}

/** Expired and invalid tokens come as HTTP 400, not 401; the sentence is misspelt in places, its ends are not. */
function isTokenRefusal(status: number, body: ReturnType<typeof readBody>): boolean {
  if (status !== 400 && status !== 401) return false;
  if (body.error === "invalid_token") return true;
  if (body.error_description == null) return false;
  return /^(expired|invalid)\b.*access token/i.test(body.error_description);
}

function readBody(text: string): ReturnType<typeof errorBody.parse> {
  try {
    return errorBody.parse(JSON.parse(text));
  } catch {
    return {}; // an HTML page of a proxy, or nothing: the status has to do
  }
}
