import type http from "node:http";
import type https from "node:https";
import { AxiosError } from "axios";

export interface AgentPair {
  readonly httpAgent: http.Agent;
  readonly httpsAgent: https.Agent;
}

/** The ways to one upstream: connections that are kept for further requests, and new ones for one request each. */
export interface Connections {
  readonly kept: AgentPair;
  readonly fresh: AgentPair;
  close(): void;
}

export function createConnections(open: (keepAlive: boolean) => AgentPair): Connections {
  const [kept, fresh] = [open(true), open(false)];
  return {
    kept,
    fresh,
    close: () => {
      for (const agent of [kept, fresh].flatMap(({ httpAgent, httpsAgent }) => [httpAgent, httpsAgent]))
        agent.destroy();
    },
  };
}

/**
 * A balancer may close a kept connection just as we write on it. What may be sent twice is then sent again at once, over
 * a new connection; what may not never goes over a kept one.
 */
export async function sendOver<T>(
  { kept, fresh }: Connections,
  repeatable: boolean,
  send: (agents: AgentPair) => Promise<T>,
): Promise<T> {
  if (!repeatable) return send(fresh);
  try {
    return await send(kept);
  } catch (error) {
    if (!wasCutWhenReused(error)) throw error;
    return send(fresh);
  }
}

function wasCutWhenReused(error: unknown): boolean {
  if (!(error instanceof AxiosError) || error.response !== undefined) return false;
  const request = error.request as { readonly reusedSocket?: boolean } | undefined;
  return request?.reusedSocket === true && (error.code === "ECONNRESET" || error.code === "EPIPE");
}
