import PQueue from "p-queue";
import type { z } from "zod";
import { RateLimitedError, UpstreamError } from "../../src/core/errors.js";
import { realPause } from "../http/pause.js";
import { abortReason, withSignals } from "../http/signals.js";
import { createResilientHttp, type ResilientHttp } from "./create-resilient-http.js";
import { exchange, type Answer, type Call, type ExchangeDeps, type Method } from "./exchange.js";
import { defaults, type ResilientOptions } from "./options.js";
import { RateGate } from "./rate-gate.js";
import { resend, resendRule } from "./resend.js";
import { Sessions, type Session } from "./session.js";
import { readShape } from "./read-shape.js";

export interface ResilientRequest<T> {
  readonly method: Method;
  /** Below `/rest/orgs/<id>`; "" is the org itself. */
  readonly path: string;
  readonly query?: Call["query"];
  readonly headers?: Call["headers"];
  readonly body?: unknown;
  /** Only what we read; the platform sends, and adds, much more. */
  readonly answer: z.ZodType<T>;
  readonly what: string;
  /** What must not be in an error: values of artifacts in the body. */
  readonly values?: readonly string[];
  /** Texts in the body that hold such values. */
  readonly texts?: readonly string[];
  /** What must not either, beside those of the session. */
  readonly secrets?: readonly string[];
  /** Whether doing it twice does no harm. Everything but POST unless said otherwise: see `resendRule`. */
  readonly repeatable?: boolean;
}

/** How every operation asks: logged in, retried, parsed, and failing with our own errors only. */
export type Send = <T>(request: ResilientRequest<T>, signal: AbortSignal) => Promise<T>;

export interface Transport {
  readonly send: Send;
  readonly session: (signal: AbortSignal) => Promise<Session>;
  readonly close: () => void;
}

export function createTransport(options: ResilientOptions): Transport {
  const clock = options.clock ?? defaults.clock;
  const http = createResilientHttp(options);
  const closing = new AbortController();
  const attempts = createAttempts(options, http, closing.signal);
  const sessions = new Sessions({
    credentials: options.credentials,
    org: options.org,
    clock,
    // It is shared, so only closing ends it.
    send: (call) => attempts(call, closing.signal),
  });
  return {
    send: createSend(sessions, attempts),
    session: (signal) => sessions.current(signal),
    close: () => {
      closing.abort(new UpstreamError("upstream_unreachable", "The connection to Resilient has been closed"));
      http.close();
    },
  };
}

type Attempts = (call: Call, signal: AbortSignal) => Promise<Answer>;

/** One call as often as it takes. */
function createAttempts(options: ResilientOptions, http: ResilientHttp, closing: AbortSignal): Attempts {
  const { log, clock = defaults.clock, retry: patience = defaults.retry, sleep = realPause } = options;
  // The queue, not the socket pool, makes calls wait: a call's deadline starts when it is sent.
  const queue = new PQueue({ concurrency: options.maxSockets ?? defaults.maxSockets });
  const deps: ExchangeDeps = {
    http,
    gate: new RateGate({ clock, sleep, maxHoldMs: patience.maxHoldMs }),
    clock,
    log,
    timeoutMs: options.timeoutMs ?? defaults.timeoutMs,
    maxParts: options.maxParts ?? defaults.maxParts,
    peer: new URL(options.baseUrl).host,
  };
  const onRetry = ({ method, path }: Call, error: Error, attempt: number): void => {
    log.warn({ method, path, attempt, reason: reasonForLog(error) }, "a call to resilient is repeated");
  };
  return (call, signal) =>
    withSignals([signal, closing], async (either) => {
      try {
        return await resend(() => queue.add(() => exchange(deps, call, either), { signal: either }), {
          patience,
          repeatable: call.repeatable,
          signal: either,
          now: () => clock.now(),
          onRetry: onRetry.bind(undefined, call),
        });
      } catch (error) {
        if (either.aborted) throw abortReason(either);
        throw call.repeatable ? error : inDoubt(error);
      }
    });
}

/** Without the server's own words: it may repeat an artifact's value in them. */
function reasonForLog(error: Error): string {
  if (error instanceof RateLimitedError) return error.code;
  if (!(error instanceof UpstreamError)) return error.name;
  return error.status === undefined ? error.message : `HTTP ${error.status}`;
}

/** Said to the person who decides whether to do it again. */
function inDoubt(error: unknown): unknown {
  if (!(error instanceof UpstreamError) || resendRule(error) !== "repeatable") return error;
  const { code, message, status, cause } = error;
  return new UpstreamError(
    code,
    `${message}. It may have been done all the same`,
    { status, inDoubt: true },
    { cause },
  );
}

function createSend(sessions: Sessions, attempts: Attempts): Send {
  return async (request, signal) => {
    const ask = (session: Session): Promise<Answer> => attempts(toCall(request, session), signal);
    const session = await sessions.current(signal);
    try {
      return await parseAnswer(request, await ask(session));
    } catch (error) {
      if (!sessions.renewable || !isExpired(error)) throw error;
      // Refused before anything was done, so even a POST goes again; once, with the session that everybody gets.
      return await parseAnswer(request, await ask(await sessions.renew(session, signal)));
    }
  };
}

function toCall<T>(request: ResilientRequest<T>, session: Session): Call {
  return {
    method: request.method,
    path: `/rest/orgs/${session.org.id}${request.path}`,
    query: request.query,
    headers: { ...session.headers(), ...request.headers },
    body: request.body,
    repeatable: request.repeatable ?? request.method !== "POST",
    what: request.what,
    values: request.values,
    texts: request.texts,
    secrets: [...session.secrets(), ...(request.secrets ?? [])],
  };
}

function isExpired(error: unknown): boolean {
  return error instanceof UpstreamError && error.code === "upstream_unauthorized";
}

async function parseAnswer<T>(request: ResilientRequest<T>, answer: Answer): Promise<T> {
  const read = await readShape(request.answer, answer.body);
  if (read.ok) return read.value;
  const where = read.where === "" ? "" : ` (${read.where})`;
  throw new UpstreamError(
    "upstream_invalid_answer",
    `Resilient's answer is not as expected when asked to ${request.what}${where}`,
  );
}
