import type { ConnectionOptions } from "node:tls";
import { ProxyTunnel, type TunnelTarget } from "../../../services/http/proxy-tunnel.js";
import { hostAndPort, type ProxyServer } from "../../core/proxy.js";
import { circuitsExitCodes, ok, type Link } from "./link.js";

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
      const socket = await new ProxyTunnel({ proxy, tls: trust }).open(target, signal);
      socket.destroy();
      const login = proxy.credentials === undefined ? "without log-in" : "with log-in";
      return ok(
        `${hostAndPort(proxy)} (${proxy.setBy}), ${login}, lets us through to ${hostAndPort(target)}`,
      );
    },
  };
}
