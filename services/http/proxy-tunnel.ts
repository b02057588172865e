import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import { isIP, type Socket } from "node:net";
import type { ConnectionOptions } from "node:tls";
import type { UpstreamError } from "../../src/core/errors.js";
import { hostAndPort, type ProxyServer } from "../../src/core/proxy.js";
import { isStillOn, MINUTE_MS, SECOND_MS, systemClock, type Clock } from "../../src/core/time.js";
import {
  isLoginRefusal,
  proxyRefusal,
  proxySilence,
  proxyTimeout,
  type TunnelRequest,
} from "./proxy-problem.js";

export interface ProxyTunnelOptions {
  readonly proxy: ProxyServer;
  /** What to trust when the proxy itself is spoken to over TLS. */
  readonly tls?: Pick<ConnectionOptions, "secureContext" | "ca" | "rejectUnauthorized"> | undefined;
  /** For the way through the proxy: reaching it, and its reaching the target. */
  readonly timeoutMs?: number | undefined;
  readonly clock?: Clock | undefined;
}

export interface TunnelTarget {
  readonly host: string;
  readonly port: number;
}

const defaultTimeoutMs = 10 * SECOND_MS;
/** Behind the proxy's log-in is somebody's account: asking again with each call would lock it. */
const refusalHoldMs = MINUTE_MS;

/**
 * The way through one proxy, for any protocol: CONNECT by Node's own HTTP client. The agents to be had drop the reason
 * of a refusal, can't be stopped half-way, or show it as if the server behind the proxy had answered.
 */
export class ProxyTunnel {
  readonly #options: ProxyTunnelOptions;
  readonly #clock: Clock;
  #refused: { readonly error: UpstreamError; readonly atMs: number } | undefined;

  constructor(options: ProxyTunnelOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /**
   * A socket whose other end is the target; what is spoken on it is the caller's business.
   * @throws UpstreamError `proxy_unreachable` or `proxy_refused`: nothing has reached the target then
   */
  async open(target: TunnelTarget, signal: AbortSignal): Promise<Socket> {
    signal.throwIfAborted();
    const refused = this.#refused;
    if (refused !== undefined && isStillOn(this.#clock.now(), refused.atMs, refusalHoldMs))
      throw refused.error;
    const { proxy, tls, timeoutMs = defaultTimeoutMs } = this.#options;
    const request: TunnelRequest = { proxy, target: hostAndPort(target) };
    const { answer, socket } = await askProxy(request, { tls, timeoutMs, signal });
    const status = answer.statusCode ?? 0;
    if (status >= 200 && status < 300) {
      this.#refused = undefined;
      return socket;
    }
    socket.destroy();
    const error = proxyRefusal(request, answer);
    if (isLoginRefusal(status)) this.#refused = { error, atMs: this.#clock.now() };
    throw error;
  }
}

interface AskOptions {
  readonly tls: ProxyTunnelOptions["tls"];
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

function askProxy(
  request: TunnelRequest,
  { tls, timeoutMs, signal }: AskOptions,
): Promise<{ answer: IncomingMessage; socket: Socket }> {
  return new Promise((resolve, reject) => {
    const connect = startConnect(request, tls);
    const end = (error: Error): void => {
      settle();
      connect.destroy();
      reject(error);
    };
    const stop = (): void => {
      end(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
    };
    const timer = setTimeout(() => {
      end(proxyTimeout(request, timeoutMs));
    }, timeoutMs);
    const settle = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
    };
    signal.addEventListener("abort", stop, { once: true });
    // Stays for good: what is destroyed may complain once more.
    connect.on("error", (error) => {
      end(proxySilence(request, error));
    });
    connect.once("connect", (answer: IncomingMessage, socket: Socket, head: Buffer) => {
      settle();
      if (head.length > 0) socket.unshift(head);
      resolve({ answer, socket });
    });
    connect.end();
  });
}

function startConnect({ proxy, target }: TunnelRequest, tls: ProxyTunnelOptions["tls"]): http.ClientRequest {
  const options = {
    method: "CONNECT",
    host: proxy.host,
    port: proxy.port,
    path: target,
    agent: false,
    setHost: false,
    headers: { Host: target, ...loginHeader(proxy) },
  };
  if (proxy.scheme === "http") return http.request(options);
  // Said in full: Node would take the name from the Host header, and that is the target's.
  return https.request({
    ...options,
    ...tls,
    servername: isIP(proxy.host) === 0 ? proxy.host : "",
    minVersion: "TLSv1.2",
  });
}

function loginHeader({ credentials }: ProxyServer): Record<string, string> {
  if (credentials === undefined) return {};
  const pair = `${credentials.user}:${credentials.password.reveal()}`;
  return { "Proxy-Authorization": `Basic ${Buffer.from(pair, "utf8").toString("base64")}` };
}
