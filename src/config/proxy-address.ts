import { isHost } from "./host-name.js";

/** What a proxy's address says; credentials as they are meant, not as they are written in a URL. */
export interface ProxyAddress {
  readonly scheme: "http" | "https";
  readonly host: string;
  readonly port: number | undefined;
  readonly user: string | undefined;
  readonly password: string | undefined;
}

/**
 * `host:port`, `http://user:password@host:port/`, or anything between: undefined when it is none of these. The last "@"
 * ends the credentials, so that a password may hold signs that a URL would have to encode.
 */
export function readProxyAddress(text: string): ProxyAddress | undefined {
  const [, scheme = "http", login, name = "", portText] =
    /^(?:([a-z][\w+.-]*):\/\/)?(?:(.*)@)?(\[[\da-f:.]+\]|[\w.-]+)(?::(\d{1,5}))?\/*$/i.exec(text.trim()) ??
    [];
  const known = /^https?$/i.exec(scheme)?.[0].toLowerCase();
  const port = portText === undefined ? undefined : Number(portText);
  const host = name.replace(/^\[(.*)\]$/, "$1");
  if (!isHost(host) || known === undefined || port === 0 || (port ?? 1) > 65_535) return undefined;
  const colon = login?.indexOf(":") ?? -1;
  return {
    scheme: known === "https" ? "https" : "http",
    host,
    port,
    user: decoded(colon < 0 ? login : login?.slice(0, colon)),
    password: decoded(colon < 0 ? undefined : login?.slice(colon + 1)),
  };
}

/** As every URL's: 80 and 443. */
export function defaultPort(scheme: ProxyAddress["scheme"]): number {
  return scheme === "https" ? 443 : 80;
}

function decoded(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    // A "%" that begins no escape stands for itself.
    return text;
  }
}
