import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent, type AgentOptions } from "node:https";
import type { AxiosInstance } from "axios";
import { SECOND_MS } from "../../src/core/time.js";
import { createPlainAxios } from "../http/plain-axios.js";
import { ProxyTunnel } from "../http/proxy-tunnel.js";
import { HttpsTunnelAgent, HttpTunnelAgent } from "../http/tunnel-agent.js";
import { defaults, rootUrl, type ResilientOptions } from "./options.js";

// A kept socket that the server closes just as we write on it breaks the call, and a note can't be sent twice: so ours
// go first. Tomcat keeps idle ones for 20 s, other fronts for longer.
const idleSocketMs = 5 * SECOND_MS;

export interface ResilientHttp {
  readonly axios: AxiosInstance;
  close(): void;
}

type Trust = Pick<AgentOptions, "ca" | "rejectUnauthorized">;

/** Also of a proxy that is spoken to over TLS. */
function trustOf({ ca }: ResilientOptions): Trust {
  return { rejectUnauthorized: ca !== false, ...(typeof ca === "string" ? { ca } : {}) };
}

function createAgents(options: ResilientOptions): readonly [HttpAgent, HttpsAgent] {
  const { clientCert, proxy } = options;
  const keep = {
    keepAlive: true,
    timeout: idleSocketMs,
    maxSockets: options.maxSockets ?? defaults.maxSockets,
  };
  const trust = trustOf(options);
  const secure: AgentOptions = {
    ...keep,
    ...trust,
    minVersion: "TLSv1.2",
    ...(clientCert === undefined ? {} : { cert: clientCert.cert, key: clientCert.key.reveal() }),
  };
  if (proxy === undefined) return [new HttpAgent(keep), new HttpsAgent(secure)];
  const tunnel = new ProxyTunnel({ proxy, tls: trust, clock: options.clock });
  return [new HttpTunnelAgent(tunnel, keep), new HttpsTunnelAgent(tunnel, secure)];
}

/** What an answer means is decided in one place, the transport. */
export function createResilientHttp(options: ResilientOptions): ResilientHttp {
  const maxBytes = options.maxAnswerBytes ?? defaults.maxAnswerBytes;
  const [httpAgent, httpsAgent] = createAgents(options);
  const instance = createPlainAxios({
    baseURL: rootUrl(options),
    httpAgent,
    httpsAgent,
    maxContentLength: maxBytes,
    maxBodyLength: maxBytes,
    headers: { "User-Agent": "trustar-resilient", Accept: "application/json" },
  });
  return {
    axios: instance,
    close: () => {
      httpAgent.destroy();
      httpsAgent.destroy();
    },
  };
}
