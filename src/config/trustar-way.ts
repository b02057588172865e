import type { EnvironmentProxies } from "./environment-proxies.js";
import { isExempt } from "./no-proxy.js";
import { readAuthorities } from "./pem-file.js";
import { defaultPort, readProxyAddress } from "./proxy-address.js";
import type { SectionReader } from "./section-reader.js";
import { switchWords } from "./switch-words.js";
import type { ProxyCredentials, ProxyServer } from "../core/proxy.js";
import { Secret } from "../core/secret.js";

interface Folders {
  readonly cwd: string;
  readonly home: string;
}

/** How TruSTAR is reached, the same for the threat source and all accounts. */
export interface TrustarWay {
  /** PEM text of authorities to trust beside the well-known ones. */
  readonly ca: string | undefined;
  /** The proxy for this address; undefined = none. */
  proxyFor(url: string): ProxyServer | undefined;
}

/** `[trustar]`: its proxy goes before the environment's, as in the legacy app. */
export function readTrustarWay(
  section: SectionReader,
  folders: Folders,
  environment: EnvironmentProxies,
): TrustarWay {
  const proxy = readProxy(section);
  const exempt = section.list("no_proxy");
  return {
    ca: readCa(section, folders),
    proxyFor: (url) => {
      if (!URL.canParse(url)) return undefined;
      const { hostname, port } = new URL(url);
      if (isExempt(hostname, port === "" ? undefined : Number(port), exempt)) return undefined;
      return proxy ?? environment.proxyFor(url);
    },
  };
}

function readCa(section: SectionReader, folders: Folders): string | undefined {
  const ca = readAuthorities(section, "cafile", folders, "TruSTAR");
  if (ca !== false) return ca;
  section.problem(
    "cafile",
    "can't be false: TruSTAR's certificate is always checked; name the authority's file",
  );
  return undefined;
}

function readProxy(section: SectionReader): ProxyServer | undefined {
  const isOn = section.word("proxy", switchWords, "off") === "on";
  const hasLogin = section.word("secure_proxy", switchWords, "off") === "on";
  // Also where it is not used, it is no unknown key; and what is not used is not resolved.
  const names = ["proxy_url", "proxy_username", "proxy_password"] as const;
  for (const name of names) section.mentions(name);
  if (!isOn) return undefined;
  const written = section.text("proxy_url");
  if (written === undefined) section.missing("proxy_url", "with proxy = true it is the proxy's host:port");
  const address = readProxyAddress(written ?? "");
  if (address === undefined) {
    // Not shown: it may hold a password.
    if (written !== undefined) {
      section.problem("proxy_url", "must be the host:port of an HTTP proxy, such as proxy.example.com:3128");
    }
    return undefined;
  }
  const { scheme, host, port = defaultPort(scheme), user, password } = address;
  const inUrl = user === undefined ? undefined : { user, password: new Secret(password ?? "") };
  return {
    scheme,
    host,
    port,
    credentials: hasLogin ? readLogin(section) : inUrl,
    setBy: "[trustar] proxy_url",
    loginSetBy: "secure_proxy = true, proxy_username and proxy_password in [trustar]",
  };
}

function readLogin(section: SectionReader): ProxyCredentials {
  const user = section.text("proxy_username");
  const password = section.secret("proxy_password");
  const why = "with secure_proxy = true it is what the proxy asks for";
  if (user === undefined) section.missing("proxy_username", why);
  if (password === undefined) section.missing("proxy_password", why);
  return { user: user ?? "", password: password ?? new Secret("") };
}
