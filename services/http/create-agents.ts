import http from "node:http";
import https from "node:https";
import { createSecureContext, rootCertificates } from "node:tls";
import type { ProxyServer } from "../../src/core/proxy.js";
import { SECOND_MS } from "../../src/core/time.js";
import { createConnections, type AgentPair, type Connections } from "./connections.js";
import { ProxyTunnel } from "./proxy-tunnel.js";
import { HttpsTunnelAgent, HttpTunnelAgent } from "./tunnel-agent.js";

export interface AgentsOptions {
  /** For a whole call. */
  readonly timeoutMs: number;
  readonly maxSockets: number;
  readonly ca?: string | undefined;
  readonly proxy?: ProxyServer | undefined;
}

/** Connections straight to the upstream or through the proxy, and never the one for want of the other. */
export function createAgents({ timeoutMs, maxSockets, ca, proxy }: AgentsOptions): Connections {
  // Made once: reading the well-known authorities anew for each connection would take longer than connecting.
  const secureContext = createSecureContext({
    minVersion: "TLSv1.2",
    ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }),
  });
  const tunnel =
    proxy && new ProxyTunnel({ proxy, tls: { secureContext }, timeoutMs: tunnelTimeoutMs(timeoutMs) });
  return createConnections((keepAlive): AgentPair => {
    const plain = { keepAlive, maxSockets };
    const secure = { ...plain, secureContext };
    return tunnel === undefined
      ? { httpAgent: new http.Agent(plain), httpsAgent: new https.Agent(secure) }
      : { httpAgent: new HttpTunnelAgent(tunnel, plain), httpsAgent: new HttpsTunnelAgent(tunnel, secure) };
  });
}

/** Ends before the call does: else nobody would learn that it was the proxy that took so long. */
function tunnelTimeoutMs(callTimeoutMs: number): number {
  return Math.min(10 * SECOND_MS, Math.ceil(callTimeoutMs * 0.8));
}
