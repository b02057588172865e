import http from "node:http";
import https from "node:https";
import { createSecureContext, rootCertificates } from "node:tls";
import type { ProxyServer } from "../../src/core/proxy.js";
import { SECOND_MS } from "../../src/core/time.js";
import { ProxyTunnel } from "./proxy-tunnel.js";
import { HttpsTunnelAgent, HttpTunnelAgent } from "./tunnel-agent.js";

export interface AgentsOptions {
  /** For a whole call. */
  readonly timeoutMs: number;
  readonly maxSockets: number;
  readonly ca?: string | undefined;
  readonly proxy?: ProxyServer | undefined;
}

export interface Agents {
  readonly httpAgent: http.Agent;
  readonly httpsAgent: https.Agent;
  close(): void;
}

/** Connections that are kept, straight to the upstream or through the proxy, and never the one for want of the other. */
export function createAgents({ timeoutMs, maxSockets, ca, proxy }: AgentsOptions): Agents {
  const keep = { keepAlive: true, maxSockets };
  // Made once: reading the well-known authorities anew for each connection would take longer than connecting.
  const secureContext = createSecureContext({
    minVersion: "TLSv1.2",
    ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }),
  });
  if (proxy === undefined) {
    return agents(new http.Agent(keep), new https.Agent({ ...keep, secureContext }));
  }
  const tunnel = new ProxyTunnel({ proxy, tls: { secureContext }, timeoutMs: tunnelTimeoutMs(timeoutMs) });
  return agents(new HttpTunnelAgent(tunnel, keep), new HttpsTunnelAgent(tunnel, { ...keep, secureContext }));
}

/** Ends before the call does: else nobody would learn that it was the proxy that took so long. */
function tunnelTimeoutMs(callTimeoutMs: number): number {
  return Math.min(10 * SECOND_MS, Math.ceil(callTimeoutMs * 0.8));
}

function agents(httpAgent: http.Agent, httpsAgent: https.Agent): Agents {
  return {
    httpAgent,
    httpsAgent,
    close: () => {
      httpAgent.destroy();
      httpsAgent.destroy();
    },
  };
}
