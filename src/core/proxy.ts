import type { Secret } from "./secret.js";

/** An HTTP proxy that lets connections through by CONNECT. */
export interface ProxyServer {
  /** How the proxy itself is spoken to; what goes through it is TLS of its own. */
  readonly scheme: "http" | "https";
  /** An IPv6 address has no brackets. */
  readonly host: string;
  readonly port: number;
  readonly credentials?: ProxyCredentials | undefined;
  /** Where an administrator finds its address: "[trustar] proxy_url". */
  readonly setBy: string;
  /** Where its user name and password belong: "proxy_username and proxy_password in [trustar]". */
  readonly loginSetBy: string;
}

export interface ProxyCredentials {
  readonly user: string;
  readonly password: Secret;
}

/** `host:port` as in an address, for people and for CONNECT. */
export function hostAndPort({ host, port }: { readonly host: string; readonly port: number }): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}
