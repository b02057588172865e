import type { Authority, ServerCertificate } from "./certificates.js";
import { startHttpProxy } from "./http-proxy.js";
import type { InstalledProxy } from "./installed-proxy.js";
import { freePort, tempFolder } from "./product.js";
import { startSquid } from "./squid.js";
import { startTinyproxy } from "./tinyproxy.js";

export type ProxyKind = "double" | "squid" | "tinyproxy";

/** The double, or what Debian has when the environment says PROXY=installed. */
export const proxyKinds: readonly ProxyKind[] =
  process.env["PROXY"] === "installed" ? ["squid", "tinyproxy"] : ["double"];

export interface TestProxyOptions {
  /** `user:password` that it asks for. */
  readonly login?: string | undefined;
  /** With it the proxy itself speaks TLS; tinyproxy can't. */
  readonly certificate?: ServerCertificate | undefined;
  /** Names that nobody but the proxy can resolve; all of them are this machine. */
  readonly hosts: readonly string[];
  /** Reads what goes to `names`, behind certificates of `authority`; tinyproxy can't. */
  readonly inspect?: { readonly authority: Authority; readonly names: readonly string[] } | undefined;
}

export type TestProxy = InstalledProxy & AsyncDisposable;

export async function startTestProxy(kind: ProxyKind, options: TestProxyOptions): Promise<TestProxy> {
  if (kind === "double") return startDouble(options);
  const { inspect } = options;
  const inspector = inspect && {
    cert: inspect.authority.ca,
    key: inspect.authority.key,
    names: inspect.names,
  };
  const folder = await tempFolder();
  const start = kind === "squid" ? startSquid : startTinyproxy;
  const proxy = await start(folder.path, await freePort(), { ...options, inspector });
  return {
    ...proxy,
    [Symbol.asyncDispose]: async () => {
      await proxy.stop();
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function startDouble(options: TestProxyOptions): Promise<TestProxy> {
  const proxy = await startHttpProxy(options);
  return {
    port: proxy.port,
    targets: () =>
      Promise.resolve(proxy.asked.filter(({ status }) => status === 200).map(({ target }) => target)),
    stop: () => proxy.close(),
    [Symbol.asyncDispose]: () => proxy.close(),
  };
}
