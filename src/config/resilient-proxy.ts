import type { EnvironmentProxies } from "./environment-proxies.js";
import { defaultPort, readProxyAddress } from "./proxy-address.js";
import type { SectionReader } from "./section-reader.js";
import type { ProxyServer } from "../core/proxy.js";
import { Secret } from "../core/secret.js";

export interface Peer {
  readonly host: string;
  readonly port: number;
}

/**
 * The proxy between us and Resilient or its message broker. As in resilient-circuits the keys of `[resilient]` count
 * only where the environment names no proxy.
 */
export function resilientProxies(
  section: SectionReader,
  environment: EnvironmentProxies,
): (peer: Peer) => ProxyServer | undefined {
  const configured = readProxy(section, environment.areSet);
  return ({ host, port }) => {
    const url = `https://${host.includes(":") ? `[${host}]` : host}:${port}`;
    if (configured !== undefined || !URL.canParse(url)) return configured;
    return environment.proxyFor(url);
  };
}

function readProxy(section: SectionReader, isOverruled: boolean): ProxyServer | undefined {
  const isSet = section.has("proxy_host");
  for (const name of ["proxy_port", "proxy_user", "proxy_password"]) section.mentions(name);
  if (!isSet) return undefined;
  if (isOverruled) {
    section.warn(
      "proxy_host",
      "isn't used, because the environment's HTTP_PROXY or HTTPS_PROXY goes before it",
    );
    return undefined;
  }
  const written = section.text("proxy_host");
  // A host without a scheme is spoken to in the clear: the platform's STOMP client can't do anything else.
  const address = written === undefined ? undefined : readProxyAddress(written);
  if (address === undefined) {
    if (written !== undefined) {
      const what =
        "must be the host name of an HTTP proxy, such as proxy.example.com or http://proxy.example.com";
      section.problem("proxy_host", what);
    }
    return undefined;
  }
  const port = section.integer("proxy_port", { min: 0, max: 65_535, fallback: 0 });
  const user = section.text("proxy_user") ?? address.user;
  const password = section.secret("proxy_password") ?? new Secret(address.password ?? "");
  return {
    scheme: address.scheme,
    host: address.host,
    port: port || (address.port ?? defaultPort(address.scheme)),
    credentials: user === undefined ? undefined : { user, password },
    setBy: "[resilient] proxy_host",
    loginSetBy: "proxy_user and proxy_password in [resilient]",
  };
}
