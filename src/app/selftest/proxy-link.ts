import type { ConnectionOptions } from "node:tls";
import { isLoginRefusal } from "../../../services/http/proxy-problem.js";
import { ProxyTunnel, type TunnelTarget } from "../../../services/http/proxy-tunnel.js";
import { UpstreamError } from "../../core/errors.js";
import { hostAndPort, type ProxyServer } from "../../core/proxy.js";
import { circuitsExitCodes, failed, ok, type Link, type Verdict } from "./link.js";

export interface ProxyLinkOptions {
  readonly id: string;
  /** Whom it is the way to: "TruSTAR". */
  readonly peer: string;
  readonly proxy: ProxyServer;
  readonly target: TunnelTarget;
  /** What to trust when the proxy itself is spoken to over TLS. */
  readonly trust: Pick<ConnectionOptions, "ca" | "rejectUnauthorized">;
}

/** The proxy is there, lets us in, and reaches the target. */
export function proxyLink({ id, peer, proxy, target, trust }: ProxyLinkOptions): Link {
  return {
    id,
    title: `Proxy to ${peer}`,
    needs: ["config", "secrets"],
    fix: `correct ${proxy.setBy}`,
    exitCode: circuitsExitCodes.connection,
    check: async (signal) => {
      try {
        const socket = await new ProxyTunnel({ proxy, tls: trust }).open(target, signal);
        socket.destroy();
      } catch (error) {
        if (error instanceof UpstreamError && error.proxyStatus !== undefined) return refusal(error, proxy);
        throw error;
      }
      const login = proxy.credentials === undefined ? "without log-in" : "with log-in";
      return ok(
        `${hostAndPort(proxy)} (${proxy.setBy}), ${login}, lets us through to ${hostAndPort(target)}`,
      );
    },
  };
}

/** It has answered, so its address is right. */
function refusal({ message, proxyStatus = 0 }: UpstreamError, { loginSetBy }: ProxyServer): Verdict {
  const fix = isLoginRefusal(proxyStatus)
    ? `correct ${loginSetBy}`
    : "have it changed at the proxy, or correct the address behind it";
  return failed(message, fix, circuitsExitCodes.connection);
}
