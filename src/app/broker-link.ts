import { ProxyTunnel } from "../../services/http/proxy-tunnel.js";
import { createStompLink } from "../../services/stomp/stomp-link.js";
import type { WorkerConfig } from "../config/app-config.js";
import type { MessageLink } from "../core/action.js";
import type { Log } from "../core/ports.js";
import { hostAndPort } from "../core/proxy.js";
import { SECOND_MS, type Clock } from "../core/time.js";

/** A service manager stops a program after ten seconds; the broker keeps what is not done by then. */
const drainMs = 4 * SECOND_MS;

/** What the message broker calls the message destination `queue`. */
export function brokerName(orgId: number, queue: string): string {
  return `actions.${orgId}.${queue}`;
}

/** The link to the message broker of app.config, not connected yet. */
export function openBrokerLink(
  { resilient }: WorkerConfig,
  destinations: readonly string[],
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): MessageLink {
  const { host, port, ca, proxy, prefetch, heartbeatMs, connectTimeoutMs } = resilient.stomp;
  const { credentials } = resilient;
  const tls = ca === false ? { rejectUnauthorized: false } : { ca };
  const tunnel = proxy && new ProxyTunnel({ proxy, tls, clock });
  if (proxy !== undefined) {
    log.info(
      { host, proxy: hostAndPort(proxy), setBy: proxy.setBy },
      "the message broker is reached through a proxy",
    );
  }
  return createStompLink({
    endpoint: { host, port, tls, openTunnel: tunnel && ((address, signal) => tunnel.open(address, signal)) },
    credentials:
      credentials.kind === "api-key"
        ? { kind: "apiKey", login: credentials.id, passcode: credentials.secret }
        : { kind: "user", login: credentials.email, passcode: credentials.password },
    destinations,
    prefetch,
    heartbeatMs,
    connectTimeoutMs,
    drainMs,
    clock,
    log,
  });
}
