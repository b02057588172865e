import { RateLimitedError, UpstreamError, type UpstreamErrorCode } from "../../src/core/errors.js";
import { DAY_MS, MINUTE_MS } from "../../src/core/time.js";
import { withoutValues, type Hidden } from "../http/without-values.js";
import { errorBody } from "./trustar-schema.js";

/** What we read of an answer that isn't a success. */
export interface RefusedAnswer {
  readonly status: number;
  readonly text: string;
  readonly traceId: string | undefined;
  /** What TruSTAR may quote of the request in its message: it does not go into errors, which are logged. */
  readonly hidden: Hidden;
  /** Of a call that reads a report: the path that names it, which is all that a 404 can be about. */
  readonly reportPath?: string | undefined;
}

/** The one call that asks for nothing that TruSTAR could not know. */
export const tokenCall = "POST /oauth/token";

/** A 429 that doesn't say how long: a full window of the per-minute limit is always enough. */
const unsaidWaitMs = MINUTE_MS;

/** The day's quota is renewed at midnight UTC: nobody has to wait longer. */
const longestWaitMs = DAY_MS;
const maxSaidChars = 300;
/** What is longer is a page for people, and not TruSTAR's. */
const maxBodyChars = 64 * 1024;

const adviceByStatus: Readonly<Record<number, readonly [UpstreamErrorCode, string]>> = {
  401: ["upstream_unauthorized", "refused the API key or secret; check user_api_key and user_api_secret"],
  403: ["upstream_forbidden", "refused access; check the account's rights on the configured enclaves"],
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
  const quoted = said == null ? "" : `: ${withoutValues(said, answer.hidden).slice(0, maxSaidChars)}`;
  const [code, advice] = answer.status === 404 ? classify404(call, body, answer) : classify(answer.status);
  return new UpstreamError(code, `TruSTAR ${advice} (${call}, HTTP ${answer.status})${quoted}`, facts);
}

/** Words of Spring's and of gateways for a path that nothing is behind. */
const noSuchPath =
  /^(?:no (?:message available|handler found|static resource|route)|missing authentication token|cannot (?:get|post|put|delete))\b/i;
/** An empty message, or the status again, tells of no thing either. */
const nothingSaid: ReadonlySet<string> = new Set(["", "404", "not found", "404 not found"]);

function isOfAThing(message: string): boolean {
  const words = message.toLowerCase().split(/[\s"._]+/);
  return !noSuchPath.test(message) && !nothingSaid.has(words.filter((word) => word !== "").join(" "));
}

/**
 * TruSTAR says 404 of a thing it does not know, in its own shape (`status` and a `message`). A proxy's page, a
 * gateway's `{message}` and a path that TruSTAR does not have say something else: the API isn't where we look for it.
 */
function classify404(
  call: string,
  body: ReturnType<typeof readBody>,
  { reportPath, text }: RefusedAnswer,
): readonly [UpstreamErrorCode, string] {
  const isOwn = body.status === 404 && isOfAThing(body.message ?? "");
  const isUnknown =
    call !== tokenCall && (isOwn || (reportPath !== undefined && isOfReport(text, reportPath)));
  return isUnknown
    ? ["upstream_not_found", "does not know what was asked for"]
    : ["upstream_wrong_address", "is not what answers at this address; check url, and any proxy in between"];
}

const silentValues: ReadonlySet<string> = new Set(["status 404", 'error "Not Found"']);

/**
 * Of the path of a report, a JSON object that tells that very path, or no more than the status: servers leave the
 * message out or empty. Anything else may be a gateway's, and "no report" would be untrue.
 */
function isOfReport(text: string, reportPath: string): boolean {
  const body = readObject(text);
  if (body === undefined) return false;
  const { path, ...said } = body;
  if (path != null) return typeof path === "string" && endsWithPath(path, reportPath) && !tellsOfNoPath(said);
  const isSilent = Object.entries(said).every(
    ([key, value]) =>
      value == null ||
      value === "" ||
      silentValues.has(`${key} ${JSON.stringify(value)}`) ||
      key === "timestamp",
  );
  return isSilent && (said["status"] === 404 || "message" in said);
}

function tellsOfNoPath(said: Record<string, unknown>): boolean {
  return Object.values(said).some((value) => typeof value === "string" && noSuchPath.test(value));
}

/** A proxy may take the front of a path away, and a server may tell it decoded. */
function endsWithPath(path: string, reportPath: string): boolean {
  return [reportPath, decodeURIComponent(reportPath)].some((wanted) =>
    path.split("?", 1)[0]?.endsWith(wanted),
  );
}

function classify(status: number): readonly [UpstreamErrorCode, string] {
  const advice = adviceByStatus[status];
  if (advice !== undefined) return advice;
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
  return (
    /^(?:expired|invalid)\b/i.test(body.error_description) && /access token/i.test(body.error_description)
  );
}

function readBody(text: string): ReturnType<typeof errorBody.parse> {
  return errorBody.safeParse(readObject(text)).data ?? {};
}

/** Undefined for an HTML page of a proxy, or nothing: the status has to do. */
function readObject(text: string): Record<string, unknown> | undefined {
  if (text.length > maxBodyChars) return undefined;
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === "object" && json !== null && !Array.isArray(json) ? { ...json } : undefined;
  } catch {
    return undefined;
  }
}
