import type { IncomingMessage } from "node:http";
import { codeOf } from "../../src/core/error-code.js";
import { UpstreamError } from "../../src/core/errors.js";
import { hostAndPort, type ProxyServer } from "../../src/core/proxy.js";
import { trustTrouble } from "./network-trouble.js";

/** What was asked of whom. */
export interface TunnelRequest {
  readonly proxy: ProxyServer;
  /** `host:port` behind the proxy. */
  readonly target: string;
}

/** The proxy answered CONNECT with something else than success. */
export function proxyRefusal(request: TunnelRequest, answer: IncomingMessage): UpstreamError {
  const status = answer.statusCode ?? 0;
  if (isLoginRefusal(status))
    return failure("proxy_refused", request, loginProblem(request.proxy, status, answer), {
      proxyStatus: status,
    });
  if (status >= 500) {
    const what = `could not reach ${request.target} (${status}): check that name and its network from there`;
    return failure("proxy_unreachable", request, what, { proxyStatus: status });
  }
  const what = `refuses connections to ${request.target} (${status}): allow CONNECT to it there`;
  return failure("proxy_refused", request, what, { proxyStatus: status });
}

/** tinyproxy answers 401 to a wrong password: CONNECT is answered by nobody but the proxy. */
export function isLoginRefusal(status: number): boolean {
  return status === 407 || status === 401;
}

function loginProblem(
  { credentials, loginSetBy }: ProxyServer,
  status: number,
  answer: IncomingMessage,
): string {
  const schemes = [answer.headers["proxy-authenticate"] ?? []].flat().join(", ");
  if (schemes !== "" && !/\bbasic\b/i.test(schemes)) {
    return `wants a log-in other than Basic (${status}), which is the only one that can be sent: allow Basic there, or let this machine through without`;
  }
  return credentials === undefined
    ? `wants a user name and password (${status}): set ${loginSetBy}`
    : `does not accept the user name and password (${status}): check ${loginSetBy}`;
}

/** There was no answer to CONNECT that could be read. */
export function proxySilence(request: TunnelRequest, error: unknown): UpstreamError {
  const code = codeOf(error) || "unknown reason";
  return failure("proxy_unreachable", request, silence(request.proxy, code), { cause: new Error(code) });
}

export function proxyTimeout(request: TunnelRequest, timeoutMs: number): UpstreamError {
  const { setBy } = request.proxy;
  const what = `gave no answer within ${timeoutMs} ms: check that it runs, that ${setBy} names it, and the firewall`;
  return failure("proxy_unreachable", request, what);
}

function silence({ scheme, setBy }: ProxyServer, code: string): string {
  const other = scheme === "http" ? "https" : "http";
  const distrust = code === "EPROTO" ? undefined : trustTrouble(code);
  if (distrust !== undefined) {
    return `is not trusted, ${distrust} (${code}): put its authority into cafile, and use the name in it`;
  }
  switch (code) {
    case "ECONNREFUSED":
      return `refuses connections (${code}): check that it runs and that ${setBy} names it`;
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `has a name that can't be resolved (${code}): check ${setBy}`;
    case "ETIMEDOUT":
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return `can't be reached (${code}): check ${setBy}, the network and the firewall`;
    case "ECONNRESET":
    case "EPIPE":
      return `hung up without an answer (${code}): check ${setBy}; does it want ${other}:// before its name?`;
    default:
      return /^(?:HPE_|EPROTO|ERR_SSL)/.test(code)
        ? `does not answer like an ${scheme} proxy (${code}): check ${setBy}; does it want ${other}:// before its name?`
        : `failed (${code}): check ${setBy}`;
  }
}

function failure(
  code: "proxy_unreachable" | "proxy_refused",
  { proxy, target }: TunnelRequest,
  what: string,
  { proxyStatus, cause }: { readonly proxyStatus?: number; readonly cause?: Error } = {},
): UpstreamError {
  const message = `The proxy ${hostAndPort(proxy)} on the way to ${target} ${what}`;
  return new UpstreamError(code, message, { proxyStatus }, cause === undefined ? undefined : { cause });
}
