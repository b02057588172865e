import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent, type AgentOptions } from "node:https";
import type { AxiosInstance } from "axios";
import { SECOND_MS } from "../../src/core/time.js";
import { createPlainAxios } from "../http/plain-axios.js";
import { defaults, rootUrl, type ResilientOptions } from "./options.js";

// A kept socket that the server closes just as we write on it breaks the call, and a note can't be sent twice: so ours
// go first. Tomcat keeps idle ones for 20 s, other fronts for longer.
const idleSocketMs = 5 * SECOND_MS;

export interface ResilientHttp {
  readonly axios: AxiosInstance;
  close(): void;
}

/** For our own agent and for a proxy's, which has to be given the same trust. */
export function tlsOptions(options: ResilientOptions): AgentOptions {
  const { ca, clientCert } = options;
  return {
    minVersion: "TLSv1.2",
    rejectUnauthorized: ca !== false,
    ...(typeof ca === "string" ? { ca } : {}),
    ...(clientCert === undefined ? {} : { cert: clientCert.cert, key: clientCert.key.reveal() }),
  };
}

/** What an answer means is decided in one place, the transport. */
export function createResilientHttp(options: ResilientOptions): ResilientHttp {
  if (options.ca === false) {
    options.log.warn(
      { host: options.baseUrl },
      "cafile = false: the certificate of Resilient is not checked, anybody on the way can read the credentials",
    );
  }
  const maxBytes = options.maxAnswerBytes ?? defaults.maxAnswerBytes;
  const keep = {
    keepAlive: true,
    timeout: idleSocketMs,
    maxSockets: options.maxSockets ?? defaults.maxSockets,
  };
  const httpAgent = new HttpAgent(keep);
  const ownAgent =
    options.httpsAgent === undefined ? new HttpsAgent({ ...keep, ...tlsOptions(options) }) : undefined;
  const instance = createPlainAxios({
    baseURL: rootUrl(options),
    httpAgent,
    httpsAgent: options.httpsAgent ?? ownAgent,
    maxContentLength: maxBytes,
    maxBodyLength: maxBytes,
    headers: { "User-Agent": "trustar-resilient", Accept: "application/json" },
  });
  return {
    axios: instance,
    close: () => {
      httpAgent.destroy();
      ownAgent?.destroy();
    },
  };
}
