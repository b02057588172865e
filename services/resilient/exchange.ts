import { RateLimitedError, UpstreamError } from "../../src/core/errors.js";
import type { Log } from "../../src/core/ports.js";
import { SECOND_MS, type Clock } from "../../src/core/time.js";
import { DeadlineExceeded, withDeadline } from "../http/deadline.js";
import { JsonLimitError, readJson } from "../../src/core/read-json.js";
import { abortReason } from "../http/signals.js";
import type { ResilientHttp } from "./create-resilient-http.js";
import type { RateGate } from "./rate-gate.js";
import { toNetworkError } from "./to-network-error.js";
import { toStatusError } from "./to-status-error.js";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface Call {
  readonly method: Method;
  /** From the root of the server: `/rest/…`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean>> | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Sending it twice does what sending it once does. */
  readonly repeatable: boolean;
  /** "read incident 7": completes "Could not …". */
  readonly what: string;
  /** What the server may quote and no error may. */
  readonly values?: readonly string[] | undefined;
  /** Texts in the body that hold such values. */
  readonly texts?: readonly string[] | undefined;
  /** What it carries of credentials, sessions and tokens: the same, and in any spelling. */
  readonly secrets?: readonly string[] | undefined;
}

export interface Answer {
  readonly body: unknown;
  readonly cookies: readonly string[];
}

export interface ExchangeDeps {
  readonly http: ResilientHttp;
  readonly gate: RateGate;
  readonly clock: Clock;
  readonly log: Log;
  readonly timeoutMs: number;
  /** Of an answer's JSON. */
  readonly maxParts: number;
  /** Host and port, for people. */
  readonly peer: string;
}

/** One request, one answer, no second try. Rejects with our own errors only. */
export async function exchange(deps: ExchangeDeps, call: Call, signal: AbortSignal): Promise<Answer> {
  await deps.gate.pass(signal);
  const startedMs = deps.clock.now();
  const { status, headers, data } = await withDeadline(signal, deps.timeoutMs, (limited) =>
    transmit(deps, call, limited),
  );
  const { method, path } = call;
  deps.log.debug({ method, path, status, durationMs: deps.clock.now() - startedMs }, "resilient answered");
  if (status >= 200 && status < 300)
    return { body: await parse(data, call, deps.maxParts), cookies: headers.setCookie };
  const error = toStatusError(
    { status, body: data, retryAfter: headers.retryAfter, hidden: call },
    call.what,
    deps.clock.now(),
  );
  if (error instanceof RateLimitedError) deps.gate.hold(error.retryAtMs);
  throw error;
}

/** Layouts and playbooks of a configuration have some thirty levels. */
const deepestAnswer = 200;

interface RawAnswer {
  readonly status: number;
  readonly headers: { readonly setCookie: readonly string[]; readonly retryAfter: string | undefined };
  readonly data: string;
}

async function transmit(deps: ExchangeDeps, call: Call, signal: AbortSignal): Promise<RawAnswer> {
  const { method, path, query, headers, body, repeatable } = call;
  try {
    const request = {
      method,
      url: path,
      headers: { ...headers, "Content-Type": "application/json" },
      signal,
      ...(query === undefined ? {} : { params: query }),
      ...(body === undefined ? {} : { data: JSON.stringify(body) }),
    };
    const response = await deps.http.send(request, repeatable);
    const retryAfter: unknown = response.headers["retry-after"];
    return {
      status: response.status,
      headers: {
        setCookie: response.headers["set-cookie"] ?? [],
        retryAfter: typeof retryAfter === "string" ? retryAfter : undefined,
      },
      data: typeof response.data === "string" ? response.data : "",
    };
  } catch (error) {
    if (signal.reason instanceof DeadlineExceeded) throw tooSlow(deps.timeoutMs, call.what);
    if (signal.aborted) throw abortReason(signal);
    throw toNetworkError(error, call.what, deps.peer);
  }
}

function tooSlow(timeoutMs: number, what: string): UpstreamError {
  const message = `Resilient did not answer within ${Math.ceil(timeoutMs / SECOND_MS)} s: ${what}`;
  return new UpstreamError("upstream_timeout", message);
}

async function parse(text: string, call: Call, parts: number): Promise<unknown> {
  if (text.trim() === "") return undefined;
  try {
    return await readJson(text, { depth: deepestAnswer, parts });
  } catch (error) {
    if (error instanceof JsonLimitError) {
      const code = error.kind === "many" ? "upstream_too_large" : "upstream_invalid_answer";
      throw new UpstreamError(code, `Resilient's answer ${error.message} when asked to ${call.what}`);
    }
    const message = `Resilient's answer is not JSON when asked to ${call.what}: check host, port and resource_prefix`;
    throw new UpstreamError("upstream_invalid_answer", message);
  }
}
