import type { Environment } from "./locate-config.js";
import { exemptEntries, isExempt } from "./no-proxy.js";
import { defaultPort, readProxyAddress } from "./proxy-address.js";
import type { ProxyServer } from "../core/proxy.js";
import { Secret } from "../core/secret.js";

/**
 * The proxies that the environment names, by the rules of Python's `requests`, which the platform's own programs follow:
 * `http_proxy` or `https_proxy` by the scheme of the address, else `all_proxy`, unless `no_proxy` exempts the host; a
 * variable in small letters goes before the same in capitals, also when it is empty.
 */
export class EnvironmentProxies {
  readonly #env: Environment;
  readonly #problems: string[];
  readonly #exempt: readonly string[];

  /** @param problems gets a sentence for each variable that is needed and can't be used */
  constructor(env: Environment, problems: string[]) {
    this.#env = env;
    this.#problems = problems;
    this.#exempt = exemptEntries(env["no_proxy"] || env["NO_PROXY"] || "");
  }

  /** Whether HTTP_PROXY or HTTPS_PROXY says anything: then the proxy keys of [resilient] do not count. */
  get areSet(): boolean {
    return this.#variable("http") !== undefined || this.#variable("https") !== undefined;
  }

  /** @param url an absolute address without credentials */
  proxyFor(url: string): ProxyServer | undefined {
    const { protocol, hostname, port } = new URL(url);
    const variable = this.#variable(protocol.slice(0, -1)) ?? this.#variable("all");
    if (variable === undefined) return undefined;
    if (isExempt(hostname, port === "" ? undefined : Number(port), this.#exempt)) return undefined;
    return this.#read(variable);
  }

  /** The name of the variable that counts. */
  #variable(scheme: string): string | undefined {
    const small = `${scheme}_proxy`;
    // A web server's CGI programs find a caller's "Proxy" header in HTTP_PROXY.
    const isCgi = scheme === "http" && "REQUEST_METHOD" in this.#env;
    const names = isCgi ? [small] : [small, small.toUpperCase()];
    const name = names.find((one) => this.#env[one] !== undefined);
    return name === undefined || this.#env[name] === "" ? undefined : name;
  }

  #read(variable: string): ProxyServer | undefined {
    const address = readProxyAddress(this.#env[variable] ?? "");
    if (address === undefined) {
      // Not shown: it may hold a password.
      const what = "must be the address of an HTTP proxy, such as http://proxy.example.com:3128";
      const problem = `environment variable ${variable} ${what}`;
      if (!this.#problems.includes(problem)) this.#problems.push(problem);
      return undefined;
    }
    const { scheme, host, port = defaultPort(scheme), user, password } = address;
    return {
      scheme,
      host,
      port,
      credentials: user === undefined ? undefined : { user, password: new Secret(password ?? "") },
      setBy: variable,
      loginSetBy: `user:password@ in ${variable}`,
    };
  }
}
