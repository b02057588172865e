import type { z } from "zod";
import { OverloadedError, RateLimitedError, UpstreamError } from "../../src/core/errors.js";
import type { Secret } from "../../src/core/secret.js";
import { SECOND_MS, type Clock } from "../../src/core/time.js";
import { smallAnswerBytes, type HttpAnswer, type HttpCaller, type HttpRequest } from "../http/create-http.js";
import { JsonLimitError, readJson, type JsonLimits } from "../../src/core/read-json.js";
import type { Hidden } from "../http/without-values.js";
import { unlessAborted } from "../http/signals.js";
import type { BudgetGate, CallPriority } from "./budget-gate.js";
import { tokenCall, toTrustarError } from "./to-trustar-error.js";
import { tokenAnswer } from "./trustar-schema.js";
import { TrustarToken, type FreshToken } from "./trustar-token.js";

/** One call of the API. `endpoint` is the path template for metrics and messages: no value or id ever goes there. */
export interface TrustarCall {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly endpoint: string;
  /** Below /api/1.3, encoded; defaults to `endpoint`. */
  readonly path?: string | undefined;
  readonly query?: Readonly<Record<string, string | number | undefined>> | undefined;
  readonly body?: unknown;
  /** Submissions, the enclave list, ping and the quota call are free. */
  readonly costsQuota: boolean;
  readonly priority: CallPriority;
  /** Indicator values in the request: cut out of whatever TruSTAR says when it refuses. */
  readonly values?: readonly string[] | undefined;
  /** Texts in the request that hold such values. */
  readonly texts?: readonly string[] | undefined;
  /** Making it twice would make something twice. */
  readonly once?: boolean | undefined;
  /** The answer says little: an id, a status. */
  readonly isBrief?: boolean | undefined;
  /** Told how many calls were counted against the quota when this one left; again when it is made once more. */
  readonly onLeave?: ((counted: number) => void) | undefined;
}

/** Told of every call that reached the network: its template, status (0 = no answer) and duration. */
export type UpstreamObserver = (endpoint: string, status: number, durationMs: number) => void;

export interface TrustarClientOptions {
  /** Root without trailing slash: `<url>/oauth/token`, `<url>/api/1.3`. */
  readonly url: string;
  readonly apiKey: Secret;
  readonly apiSecret: Secret;
  readonly version: string;
  readonly http: HttpCaller;
  readonly gate: BudgetGate;
  readonly clock: Clock;
  readonly observe: UpstreamObserver;
}

/** What is told of a call, and what must not be told. */
interface CallFacts {
  readonly name: string;
  readonly costsQuota: boolean;
  /** Cut out of whatever TruSTAR says when it refuses. */
  readonly hidden: Hidden;
  readonly reportPath?: string | undefined;
}

/** Several times what the largest page of ours has. */
const answerLimits: JsonLimits = { depth: 100, parts: 100_000 };

const defaultTokenLifeMs = 599 * SECOND_MS;

/** The wire to one TruSTAR account: token, headers, budget, errors. Knows no endpoint and keeps no last response. */
export class TrustarClient {
  readonly #options: TrustarClientOptions;
  readonly #token: TrustarToken;
  /** The token call belongs to all its callers: only the end of the client cancels it. */
  readonly #closing = new AbortController();

  constructor(options: TrustarClientOptions) {
    this.#options = options;
    this.#token = new TrustarToken(options.clock, () => this.#fetchToken());
  }

  /** Proves the credentials; costs a call only when there is no token. */
  async authenticate(signal: AbortSignal): Promise<void> {
    await unlessAborted(this.#token.get(), signal);
  }

  close(): void {
    this.#closing.abort(new OverloadedError("shutting down"));
    this.#options.http.close();
  }

  /** @throws UpstreamError, RateLimitedError; `upstream_invalid_answer` when the answer has another shape */
  async json<T extends z.ZodType>(call: TrustarCall, schema: T, signal: AbortSignal): Promise<z.output<T>> {
    const answer = await this.text(call, signal);
    return parseAnswer(call.endpoint, answer, schema);
  }

  /** The answer as it came. An expired token is renewed and the call made once more, never twice. */
  async text(call: TrustarCall, signal: AbortSignal): Promise<HttpAnswer> {
    const token = await unlessAborted(this.#token.get(), signal);
    try {
      return await this.#send(call, token, signal);
    } catch (error) {
      if (!isTokenFault(error)) throw error;
      this.#token.discard(token);
      return this.#send(call, await unlessAborted(this.#token.get(), signal), signal);
    }
  }

  async #send(call: TrustarCall, token: string, signal: AbortSignal): Promise<HttpAnswer> {
    const { url, gate, version } = this.#options;
    const counted = await gate.pass(call.priority, call.costsQuota, signal);
    call.onLeave?.(counted);
    const headers: Record<string, string> = {
      accept: "application/json, text/plain",
      authorization: `Bearer ${token}`,
      "client-type": "API",
      "client-version": version,
      "client-metatag": "Resilient",
    };
    if (call.body !== undefined) headers["content-type"] = "application/json";
    const request = {
      method: call.method,
      url: `${url}/api/1.3${call.path ?? call.endpoint}${toQuery(call.query)}`,
      headers,
      body: call.body === undefined ? undefined : JSON.stringify(call.body),
      maxBytes: call.isBrief === true ? smallAnswerBytes : undefined,
      once: call.once,
    };
    const { method, endpoint, costsQuota, values, texts } = call;
    const hidden = { secrets: [token], values, texts };
    const isReport = method === "GET" && /^\/reports\/[^/]+$/.test(call.path ?? "");
    const reportPath = isReport ? call.path : undefined;
    const about = { name: `${method} ${endpoint}`, costsQuota, hidden, reportPath };
    return this.#observed(about, request, signal);
  }

  async #fetchToken(): Promise<FreshToken> {
    const { url, apiKey, apiSecret, gate } = this.#options;
    await gate.pass("analyst", false, this.#closing.signal);
    const basic = Buffer.from(`${apiKey.reveal()}:${apiSecret.reveal()}`, "utf8").toString("base64");
    const hidden = { secrets: [apiKey.reveal(), apiSecret.reveal(), basic] };
    const answer = await this.#observed(
      { name: tokenCall, costsQuota: false, hidden },
      {
        method: "POST",
        url: `${url}/oauth/token`,
        headers: { authorization: `Basic ${basic}`, "content-type": "application/x-www-form-urlencoded" },
        body: "grant_type=client_credentials",
        maxBytes: smallAnswerBytes,
      },
      this.#closing.signal,
    );
    const token = await parseAnswer("/oauth/token", answer, tokenAnswer);
    const expiresInMs = token.expires_in === undefined ? defaultTokenLifeMs : token.expires_in * SECOND_MS;
    return { value: token.access_token, expiresInMs };
  }

  async #observed(about: CallFacts, request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const { http, observe } = this.#options;
    // Not by the clock: one that is set anew meanwhile would make it hours, or negative.
    const startedMs = performance.now();
    let status = 0;
    try {
      const answer = await http.send(request, signal);
      status = answer.status;
      if (status === 200) return answer;
      throw this.#refusal(about, answer);
    } finally {
      observe(about.name, status, performance.now() - startedMs);
    }
  }

  #refusal(
    { name, costsQuota, hidden, reportPath }: CallFacts,
    { status, text, headers }: HttpAnswer,
  ): Error {
    const { clock, gate } = this.#options;
    const refused = { status, text, traceId: traceIdOf(headers), hidden, reportPath };
    const nowMs = clock.now();
    const error = toTrustarError(name, refused, nowMs);
    if (error instanceof RateLimitedError) gate.hold(error.retryAtMs - nowMs, costsQuota);
    return error;
  }
}

function toQuery(query: TrustarCall["query"]): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== "") params.set(name, String(value));
  }
  const text = params.toString();
  return text === "" ? "" : `?${text}`;
}

async function parseAnswer<T extends z.ZodType>(
  endpoint: string,
  answer: HttpAnswer,
  schema: T,
): Promise<z.output<T>> {
  const facts = { status: answer.status, traceId: traceIdOf(answer.headers) };
  let json: unknown;
  try {
    json = await readJson(answer.text, answerLimits);
  } catch (cause) {
    if (cause instanceof JsonLimitError) {
      // With many parts it may be the sum of many items: of fewer values there are fewer.
      const code = cause.kind === "many" ? "upstream_too_large" : "upstream_invalid_answer";
      throw new UpstreamError(code, `TruSTAR's answer to ${endpoint} ${cause.message}`, facts);
    }
    throw new UpstreamError("upstream_invalid_answer", `TruSTAR's answer to ${endpoint} is not JSON`, facts, {
      cause: cause instanceof Error ? new Error(cause.name) : undefined,
    });
  }
  const parsed = await schema.safeParseAsync(json);
  if (parsed.success) return parsed.data;
  const places = parsed.error.issues.slice(0, 3).map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  const message = `TruSTAR's answer to ${endpoint} has an unexpected shape: ${places.join("; ")}`;
  throw new UpstreamError("upstream_invalid_answer", message, facts);
}

/** What TruSTAR's support asks for; they have some thirty characters. */
export function traceIdOf(headers: HttpAnswer["headers"]): string | undefined {
  return headers.get("trace-id")?.slice(0, 100);
}

/** Documented as HTTP 400; a 401 to a call with a token says the same until a fresh token is refused too. */
function isTokenFault(error: unknown): boolean {
  if (!(error instanceof UpstreamError)) return false;
  return error.code === "upstream_token_expired" || error.status === 401;
}
