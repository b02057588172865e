import type { ConnectionOptions } from "node:tls";
import { connectionTrouble, socketFailure } from "../../../services/http/network-trouble.js";
import { ProxyTunnel } from "../../../services/http/proxy-tunnel.js";
import { probeTls, type ShownCertificate } from "../../../services/probes/tls-probe.js";
import { TrustarResilientError } from "../../core/errors.js";
import { hostAndPort, type ProxyServer } from "../../core/proxy.js";
import { DAY_MS, systemClock } from "../../core/time.js";
import { proxyLink } from "./proxy-link.js";
import { circuitsExitCodes, failed, ok, warning, type Link, type Verdict } from "./link.js";

export interface TlsLinkOptions {
  readonly id: string;
  /** "Resilient". */
  readonly peer: string;
  readonly host: string;
  readonly port: number;
  /** As the program trusts it; false = it doesn't look. */
  readonly ca: string | readonly string[] | false | undefined;
  readonly proxy?: ProxyServer | undefined;
  /** A server on the internet: a certificate that isn't from a public authority was made on the way. */
  readonly isOnInternet: boolean;
  /** Where another authority would be configured. */
  readonly caFix: string;
  /** Where the address is configured. */
  readonly addressFix: string;
  /** When nobody can be reached. */
  readonly exitCode: number;
}

const soonMs = 14 * DAY_MS;

/** The way to a peer: the proxy, if there is one, and the certificate that is shown behind it. */
export function wayLinks(options: TlsLinkOptions): readonly Link[] {
  const { id, peer, host, port, ca, proxy } = options;
  if (proxy === undefined) return [tlsLink(options, ["config"])];
  const proxyId = id.replace("tls", "proxy");
  const link = proxyLink({ id: proxyId, peer, proxy, target: { host, port }, trust: trustOf(ca) });
  return [link, tlsLink(options, [proxyId])];
}

/** Who answers at this address, and who vouches for it. */
function tlsLink(options: TlsLinkOptions, needs: readonly string[]): Link {
  const { id, peer, host, port, ca, proxy } = options;
  return {
    id,
    title: `TLS to ${peer}`,
    needs,
    fix: options.addressFix,
    exitCode: options.exitCode,
    check: async (signal) => {
      try {
        const tunnel = proxy && new ProxyTunnel({ proxy, tls: trustOf(ca) });
        const socket = await tunnel?.open({ host, port }, signal);
        const shown = await probeTls({ host, port, ca: ca === false ? undefined : ca, socket }, signal);
        return judge(shown, options);
      } catch (error) {
        if (signal.aborted || error instanceof TrustarResilientError) throw error;
        const { code, message } = socketFailure(error);
        const why = connectionTrouble(code) ?? message;
        const detail = `${hostAndPort(options)}: ${why} (${code})`;
        return failed(detail, options.addressFix, options.exitCode);
      }
    },
  };
}

function judge(shown: ShownCertificate, options: TlsLinkOptions): Verdict {
  const { ca, caFix, isOnInternet } = options;
  const signer = shown.issuer === shown.root ? shown.issuer : `${shown.issuer} (root: ${shown.root})`;
  const until = Number.isNaN(shown.validToMs) ? "" : `, valid until ${isoDay(shown.validToMs)}`;
  const inspected =
    isOnInternet && !shown.isPublic
      ? "; that is no public authority: an inspecting proxy made this certificate"
      : "";
  const detail = `${hostAndPort(options)} is "${shown.subject}", signed by "${signer}"${until}${inspected}`;
  if (ca === false) return warning(`${detail}; it is not checked, as the configuration says`, caFix);
  if (shown.distrust !== undefined) {
    return failed(
      `${detail}; not trusted (${shown.distrust})`,
      remedy(shown.distrust, options),
      circuitsExitCodes.certificate,
    );
  }
  if (shown.validToMs - systemClock.now() < soonMs) return warning(detail, "renew the certificate soon");
  return ok(detail);
}

function trustOf(ca: TlsLinkOptions["ca"]): Pick<ConnectionOptions, "ca" | "rejectUnauthorized"> {
  return ca === false ? { rejectUnauthorized: false } : { ca: ca as string | string[] | undefined };
}

function remedy(code: string, { caFix, addressFix }: TlsLinkOptions): string {
  switch (code) {
    case "CERT_HAS_EXPIRED":
      return "renew the certificate on that server";
    case "CERT_NOT_YET_VALID":
      return "set the clock of this machine, or of the one that made the certificate";
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return `the certificate is for another name: ${addressFix}`;
    default:
      return caFix;
  }
}

function isoDay(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}
