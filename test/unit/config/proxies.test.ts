import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { parseText, problemsOf, type ParsingContext } from "./parse-text.js";
import { EnvironmentProxies } from "../../../src/config/environment-proxies.js";
import { readProxyAddress } from "../../../src/config/proxy-address.js";
import { hostAndPort, type ProxyServer } from "../../../src/core/proxy.js";

interface Case {
  readonly env: Readonly<Record<string, string>>;
  /** Address → what `requests` takes. */
  readonly proxies: Readonly<Record<string, string | null>>;
}

const cases = JSON.parse(
  readFileSync(new URL("../../fixtures/proxy-cases.json", import.meta.url), "utf8"),
) as readonly Case[];

const account =
  "[trustar_a]\nuser_api_key = k\nuser_api_secret = s\nenclave_ids_for_submission = e\nworkspace = W\n";
const source = "[trustar_threat_source]\nuser_api_key = k\nuser_api_secret = s\n";
const platform = "[resilient]\nhost = soar.example.com\norg = SOC\napi_key_id = i\napi_key_secret = t\n";
const keyring = { trustar: { user: "Ünï", pw: "p@:/#% w" }, _: { pw: "r@:" } };

function written(proxy: ProxyServer | undefined): string | undefined {
  if (proxy === undefined) return undefined;
  const { credentials } = proxy;
  const login = credentials === undefined ? "" : `${credentials.user} ${credentials.password.reveal()} @ `;
  return `${login}${proxy.scheme}://${hostAndPort(proxy)}`;
}

const trustar = (lines: string, context: ParsingContext = {}) =>
  parseText(`[trustar]\n${lines}\n${source}${account}${platform}`, { keyring, ...context });
const resilient = (lines: string, context: ParsingContext = {}) =>
  parseText(`${platform}${lines}\n${source}${account}`, { keyring, ...context }).worker!.resilient;

describe("the environment's proxies", () => {
  it.each(cases)("are those that requests takes: $env", ({ env, proxies }) => {
    const problems: string[] = [];
    const environment = new EnvironmentProxies(env, problems);
    for (const [url, expected] of Object.entries(proxies)) {
      const found = environment.proxyFor(url);
      const port = expected?.endsWith(":3128") === true ? "" : ":80";
      const wanted = expected === null ? undefined : `${expected}${port}`;
      expect([url, written(found)]).toEqual([url, wanted]);
    }
    expect(problems).toEqual([]);
  });

  it("count for TruSTAR, Resilient and its broker when the file names none", () => {
    const env = { HTTPS_PROXY: "http://u:p%40@proxy:3128", NO_PROXY: ".example.com" };
    const config = trustar("", { env });
    expect(written(config.threatSource?.proxy)).toBe("u p@ @ http://proxy:3128");
    expect(written(config.worker?.accounts[0]?.proxy)).toBe("u p@ @ http://proxy:3128");
    expect(config.worker?.resilient.proxy).toBeUndefined();
    expect(config.worker?.resilient.stomp.proxy).toBeUndefined();
    const { proxy, stomp } = resilient("", { env: { https_proxy: "proxy:1" } });
    expect([written(proxy), written(stomp.proxy)]).toEqual(["http://proxy:1", "http://proxy:1"]);
  });

  it("that can't be used are a problem, told once and without what it says", () => {
    const env = { HTTPS_PROXY: "socks5://user:hunter2@proxy:1080" };
    expect(problemsOf(`${source}${account}${platform}`, { env })).toEqual([
      "environment variable HTTPS_PROXY must be the address of an HTTP proxy, such as http://proxy.example.com:3128",
    ]);
  });
});

describe("[trustar]", () => {
  it("needs proxy = true: without it the other keys are not even resolved", () => {
    const lines = "secure_proxy = true\nproxy_url = $GONE\nproxy_username = ^gone\nproxy_password = ^gone";
    for (const off of ["", "proxy = false\n", "proxy =\n"]) {
      expect(trustar(off + lines).threatSource?.proxy).toBeUndefined();
    }
  });

  it.each([
    ["10.0.0.1:3128", "http://10.0.0.1:3128"],
    ["http://10.0.0.1:3128/", "http://10.0.0.1:3128"],
    ["HTTPS://proxy.example.com", "https://proxy.example.com:443"],
    ["proxy.example.com", "http://proxy.example.com:80"],
    ["[2001:db8::1]:3128", "http://[2001:db8::1]:3128"],
    ["u:p@h@proxy:1", "u p@h @ http://proxy:1"],
  ])("proxy_url = %s is one proxy for the threat source and all accounts", (url, expected) => {
    const config = trustar(`proxy = True\nproxy_url = ${url}`);
    expect(written(config.threatSource?.proxy)).toBe(expected);
    expect(written(config.worker?.accounts[0]?.proxy)).toBe(expected);
    expect(config.worker?.resilient.proxy).toBeUndefined();
    expect(config.warnings).toEqual([]);
  });

  it("sends credentials only with secure_proxy = true, and as they are", () => {
    const lines = "proxy = true\nproxy_url = p:1\nproxy_username = ^user\nproxy_password = ^pw\n";
    expect(written(trustar(lines).threatSource?.proxy)).toBe("http://p:1");
    const config = trustar(`${lines}secure_proxy = true`);
    expect(written(config.threatSource?.proxy)).toBe("Ünï p@:/#% w @ http://p:1");
    expect(inspect(config, { depth: 9 })).not.toContain("p@:/#%");
  });

  it("goes before the environment, and no_proxy before both", () => {
    const env = { HTTPS_PROXY: "http://other:2", NO_PROXY: "trustar.co" };
    expect(written(trustar("proxy = 1\nproxy_url = p:1", { env }).threatSource?.proxy)).toBe("http://p:1");
    const exempt = "no_proxy = x.example, trustar.co\n";
    const { HTTPS_PROXY } = env;
    expect(trustar(exempt, { env: { HTTPS_PROXY } }).threatSource?.proxy).toBeUndefined();
    expect(trustar(`${exempt}proxy = 1\nproxy_url = p:1`).threatSource?.proxy).toBeUndefined();
  });

  it.each([
    ["proxy = true", [/^\[trustar\] proxy_url is missing; /]],
    ["cafile = false", [/^\[trustar\] cafile can't be false/]],
    ["cafile = /gone.pem", [/^\[trustar\] cafile names \/gone\.pem, which can't be read/]],
    ["proxy = maybe", [/^\[trustar\] proxy must be one of /]],
    ["proxy = true\nproxy_url = socks5://u:hunter2@p:1", [/^\[trustar\] proxy_url must be the host:port/]],
    ["proxy = true\nproxy_url = p:70000", [/^\[trustar\] proxy_url must be the host:port/]],
    [
      "proxy = true\nproxy_url = p:1\nsecure_proxy = true",
      [/^\[trustar\] proxy_username is missing; /, /^\[trustar\] proxy_password is missing; /],
    ],
  ])("%j is told", (lines, expected) => {
    const problems = problemsOf(`[trustar]\n${lines}\n${source}`);
    expect(problems).toEqual(expected.map((one): unknown => expect.stringMatching(one)));
    expect(problems.join()).not.toContain("hunter2");
  });
});

describe("[resilient]", () => {
  it("has one proxy for REST and STOMP, and none for TruSTAR", () => {
    const lines = "proxy_host = proxy.example.com\nproxy_port = 3128\nproxy_user = u\nproxy_password = ^pw";
    const { proxy, stomp } = resilient(lines);
    expect(written(proxy)).toBe("u r@: @ http://proxy.example.com:3128");
    expect(stomp.proxy).toEqual(proxy);
    expect(parseText(`${platform}${lines}\n${source}`, { keyring }).threatSource?.proxy).toBeUndefined();
  });

  it.each([
    ["proxy_host = https://proxy\nproxy_port = 8443", "https://proxy:8443"],
    ["proxy_host = http://proxy:3128/", "http://proxy:3128"],
    ["proxy_host =\nproxy_user = ^gone\nproxy_password = ^gone\nproxy_port = x", undefined],
  ])("reads %j", (lines, expected) => {
    expect(written(resilient(lines).proxy)).toBe(expected);
  });

  it("gives way to the environment, with a warning", () => {
    const text = `${platform}proxy_host = mine\nproxy_user = ^gone\n${account}`;
    const config = parseText(text, { env: { HTTPS_PROXY: "http://theirs:3128" } });
    expect(written(config.worker?.resilient.proxy)).toBe("http://theirs:3128");
    expect(config.warnings).toEqual([expect.stringMatching(/^\[resilient\] proxy_host isn't used/)]);
  });

  it("must be an address", () => {
    expect(problemsOf(`${platform}proxy_host = a b\n${account}`)).toEqual([
      expect.stringMatching(/^\[resilient\] proxy_host must be the host name of an HTTP proxy/),
    ]);
  });
});

it.each([
  "",
  "http://",
  "a b:1",
  "http://p:1/path",
  "ftp://p:1",
  "p:0",
  "p:99999",
  "http://[zz]:1",
  "?",
  "u@",
])("%j is no proxy's address", (text) => {
  expect(readProxyAddress(text)).toBeUndefined();
});
