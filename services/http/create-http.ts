import { AxiosError } from "axios";
import { UpstreamError, type UpstreamErrorCode } from "../../src/core/errors.js";
import type { ProxyServer } from "../../src/core/proxy.js";
import { sendOver } from "./connections.js";
import { createAgents } from "./create-agents.js";
import { DeadlineExceeded, withDeadline } from "./deadline.js";
import { connectionTrouble, isUnknownAuthority, socketFailure, trustTrouble } from "./network-trouble.js";
import { createPlainAxios } from "./plain-axios.js";
import { abortReason } from "./signals.js";

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as it is: callers encode. */
  readonly body?: string | undefined;
  /** Of the answer, unpacked. Default: `maxAnswerBytes`. */
  readonly maxBytes?: number | undefined;
  /** Sending it twice would do harm. */
  readonly once?: boolean | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
}

export interface HttpOptions {
  /** Who is asked, for messages: "TruSTAR". */
  readonly upstream: string;
  /** For the whole call, from connecting to the last byte. */
  readonly timeoutMs: number;
  readonly maxSockets: number;
  /** PEM text of authorities to trust beside the well-known ones. */
  readonly ca?: string | undefined;
  /** Absent = no proxy, whatever the environment names: that is read with the configuration. */
  readonly proxy?: ProxyServer | undefined;
}

const kilobyte = 1024;
/**
 * Pages of what is known of a hundred values are some 100 kB, and a report has at most 2 MB. To read more would keep
 * everybody else waiting.
 */
export const maxAnswerBytes = 8 * kilobyte * kilobyte;
/** For answers that say little: a token, an id, a status. */
export const smallAnswerBytes = 256 * kilobyte;

export interface HttpCaller {
  /**
   * Any status is an answer.
   * @throws UpstreamError `upstream_unreachable`, `upstream_timeout`, `proxy_unreachable` or `proxy_refused` when there
   *   is none; when it is too long `upstream_too_large`, for a smaller question may have a shorter answer, and
   *   `upstream_invalid_answer` when it should say little; its cause holds no headers.
   */
  send(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer>;
  close(): void;
}

/**
 * The one way out to an upstream: keep-alive sockets, TLS verified, redirects not followed (they would carry the
 * credentials elsewhere), no time-out forgotten, and no AxiosError let out (it holds the Authorization header).
 */
export function createHttp(options: HttpOptions): HttpCaller {
  const connections = createAgents(options);
  const instance = createPlainAxios({});
  return {
    async send(request, signal) {
      try {
        return await withDeadline(signal, options.timeoutMs, async (bounded) => {
          const response = await sendOver(connections, request.once !== true, (agents) =>
            instance.request<string>({
              ...agents,
              method: request.method,
              url: request.url,
              headers: { ...request.headers },
              data: request.body,
              signal: bounded,
              maxContentLength: request.maxBytes ?? maxAnswerBytes,
            }),
          );
          return {
            status: response.status,
            headers: toHeaderMap(response.headers),
            text: typeof response.data === "string" ? response.data : "",
          };
        });
      } catch (error) {
        throw toUnreachable(error, options, request.maxBytes ?? maxAnswerBytes, signal);
      }
    },
    close() {
      connections.close();
    },
  };
}

function toHeaderMap(headers: object): ReadonlyMap<string, string> {
  return new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
}

/** The AxiosError ends here: only its code goes on, as the cause's text. */
function toUnreachable(error: unknown, options: HttpOptions, maxBytes: number, signal: AbortSignal): Error {
  if (signal.aborted) return abortReason(signal);
  const timedOut = error instanceof AxiosError && error.code === AxiosError.ERR_CANCELED;
  if (timedOut || error instanceof DeadlineExceeded) {
    return fault(
      "upstream_timeout",
      `${options.upstream} gave no complete answer within ${options.timeoutMs} ms`,
    );
  }
  if (error instanceof AxiosError && error.message.startsWith("maxContentLength")) {
    const isSmall = maxBytes < maxAnswerBytes;
    const limit = isSmall ? `${maxBytes / kilobyte} KB` : `${maxBytes / kilobyte / kilobyte} MB`;
    return fault(
      isSmall ? "upstream_invalid_answer" : "upstream_too_large",
      `${options.upstream} sent more than ${limit} in one answer; check url, and any proxy in between`,
    );
  }
  // What the proxy did is told already.
  if (error instanceof AxiosError && error.cause instanceof UpstreamError) return error.cause;
  const failure = socketFailure(error);
  const code = failure.code === "" ? "no code" : failure.code;
  const advice = connectionTrouble(code) ?? certificateAdvice(code);
  return fault(
    "upstream_unreachable",
    `${options.upstream} could not be reached (${code})${advice === undefined ? "" : `: ${advice}`}`,
    new Error(code),
  );
}

function certificateAdvice(code: string): string | undefined {
  const problem = trustTrouble(code);
  if (problem === undefined || !isUnknownAuthority(code)) return problem;
  return `${problem}; if a proxy inspects TLS here, or the authority is your own, put its certificate into cafile`;
}

function fault(code: UpstreamErrorCode, message: string, cause?: Error): UpstreamError {
  return new UpstreamError(code, message, {}, cause === undefined ? undefined : { cause });
}
