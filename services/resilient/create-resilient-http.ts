import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent, type AgentOptions } from "node:https";
import type { AxiosRequestConfig, AxiosResponse } from "axios";
import { SECOND_MS } from "../../src/core/time.js";
import { createConnections, sendOver, type AgentPair, type Connections } from "../http/connections.js";
import { createPlainAxios } from "../http/plain-axios.js";
import { ProxyTunnel } from "../http/proxy-tunnel.js";
import { HttpsTunnelAgent, HttpTunnelAgent } from "../http/tunnel-agent.js";
import { defaults, rootUrl, type ResilientOptions } from "./options.js";

// A kept socket that the server closes just as we write on it breaks the call: so ours go first. Tomcat keeps idle ones
// for 20 s, other fronts for longer.
const idleSocketMs = 5 * SECOND_MS;

export interface ResilientHttp {
  /** @param repeatable whether sending it twice does no harm */
  send(request: AxiosRequestConfig, repeatable: boolean): Promise<AxiosResponse<unknown>>;
  close(): void;
}

type Trust = Pick<AgentOptions, "ca" | "rejectUnauthorized">;

/** Also of a proxy that is spoken to over TLS. */
function trustOf({ ca }: ResilientOptions): Trust {
  return { rejectUnauthorized: ca !== false, ...(typeof ca === "string" ? { ca } : {}) };
}

function connect(options: ResilientOptions): Connections {
  const { clientCert, proxy, clock, maxSockets = defaults.maxSockets } = options;
  const trust = trustOf(options);
  const tunnel = proxy && new ProxyTunnel({ proxy, tls: trust, clock });
  return createConnections((keepAlive): AgentPair => {
    const plain = { keepAlive, timeout: idleSocketMs, maxSockets };
    const secure: AgentOptions = {
      ...plain,
      ...trust,
      minVersion: "TLSv1.2",
      ...(clientCert === undefined ? {} : { cert: clientCert.cert, key: clientCert.key.reveal() }),
    };
    return tunnel === undefined
      ? { httpAgent: new HttpAgent(plain), httpsAgent: new HttpsAgent(secure) }
      : { httpAgent: new HttpTunnelAgent(tunnel, plain), httpsAgent: new HttpsTunnelAgent(tunnel, secure) };
  });
}

/** What an answer means is decided in one place, the transport. */
export function createResilientHttp(options: ResilientOptions): ResilientHttp {
  const maxBytes = options.maxAnswerBytes ?? defaults.maxAnswerBytes;
  const connections = connect(options);
  const instance = createPlainAxios({
    baseURL: rootUrl(options),
    maxContentLength: maxBytes,
    maxBodyLength: maxBytes,
    headers: { "User-Agent": "trustar-resilient", Accept: "application/json" },
  });
  return {
    send: (request, repeatable) =>
      sendOver(connections, repeatable, (agents) => instance.request<unknown>({ ...request, ...agents })),
    close: () => {
      connections.close();
    },
  };
}
