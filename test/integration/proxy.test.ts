import { once } from "node:events";
import { createServer as createHttpServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import net, { type AddressInfo } from "node:net";
import { inspect } from "node:util";
import { createHttp, type HttpCaller } from "../../services/http/create-http.js";
import { ProxyTunnel } from "../../services/http/proxy-tunnel.js";
import type { UpstreamError } from "../../src/core/errors.js";
import type { ProxyServer } from "../../src/core/proxy.js";
import { Secret } from "../../src/core/secret.js";
import { createAuthority, makeCertificates, type TestCertificates } from "../support/certificates.js";
import { createFakeClock } from "../support/fake-clock.js";
import { startHttpProxy, type HttpProxy, type HttpProxyOptions } from "../support/http-proxy.js";
import { never, until } from "../support/lookup-fixtures.js";

const host = "api.trustar.test";
const password = 'p@ss:w/ör%d#?"';
const login = `soc\\svc:${password}`;
const open: { close(): unknown }[] = [];
let certificates: TestCertificates;

beforeAll(async () => {
  certificates = await makeCertificates([host]);
});

afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close();
});

interface Upstream {
  readonly port: number;
  readonly url: string;
  connections: number;
  readonly seen: string[];
}

/** A server that only the proxy can find: nobody else knows its name. */
async function serve(scheme: "http" | "https" = "https"): Promise<Upstream> {
  const seen: string[] = [];
  const server: Server = scheme === "https" ? createTlsServer(certificates) : createHttpServer();
  server.on("request", (req, res) => {
    seen.push(`${req.method} ${req.url} ${req.headers.authorization ?? ""}`);
    res.end("answer");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const upstream: Upstream = { port, url: `${scheme}://${host}:${port}`, connections: 0, seen };
  server.on("connection", () => (upstream.connections += 1));
  open.push({
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  });
  return upstream;
}

async function aProxy(options: HttpProxyOptions = {}): Promise<HttpProxy> {
  const proxy = await startHttpProxy({ hosts: [host], ...options });
  open.push(proxy);
  return proxy;
}

function through(port: number, more: Partial<ProxyServer> = {}): ProxyServer {
  return {
    scheme: "http",
    host: "127.0.0.1",
    port,
    setBy: "[trustar] proxy_url",
    loginSetBy: "proxy_username and proxy_password in [trustar]",
    ...more,
  };
}

const credentials = { user: "soc\\svc", password: new Secret(password) };

function caller(proxy: ProxyServer, more: { ca?: string | undefined; timeoutMs?: number } = {}): HttpCaller {
  const all = { upstream: "TruSTAR", timeoutMs: 50_000, maxSockets: 4, ca: certificates.ca, proxy, ...more };
  const http = createHttp(all);
  open.push(http);
  return http;
}

const request = (url: string) =>
  ({ method: "GET", url: `${url}/a`, headers: { authorization: "Bearer very-secret-token" } }) as const;

async function failureOf(work: Promise<unknown>): Promise<UpstreamError> {
  const error: unknown = await work.catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(Error);
  const all = inspect(error, { depth: null, showHidden: true });
  for (const secret of ["very-secret-token", password, Buffer.from(login).toString("base64")]) {
    expect(all).not.toContain(secret);
  }
  return error as UpstreamError;
}

describe("calls through a proxy", () => {
  it.each(["http", "https"] as const)("reach an %s upstream, on kept connections", async (scheme) => {
    const [upstream, proxy] = [await serve(scheme), await aProxy()];
    const http = caller(through(proxy.port));
    for (let call = 0; call < 5; call += 1) {
      expect(await http.send(request(upstream.url), never())).toMatchObject({ status: 200, text: "answer" });
    }
    expect(proxy.asked).toEqual([{ target: `${host}:${upstream.port}`, login: undefined, status: 200 }]);
    expect(upstream.seen).toEqual(Array(5).fill("GET /a Bearer very-secret-token"));
    http.close();
    await until(() => proxy.open === 0, "the end of the tunnels");
  });

  it("carry credentials with all their signs", async () => {
    const [upstream, proxy] = [await serve(), await aProxy({ login })];
    const http = caller(through(proxy.port, { credentials }));
    expect((await http.send(request(upstream.url), never())).status).toBe(200);
    expect(proxy.asked).toMatchObject([{ login, status: 200 }]);
  });

  it("reach a proxy that speaks TLS itself, whose certificate and name are checked", async () => {
    const upstream = await serve();
    const proxy = await aProxy({ login, certificate: certificates });
    const secure = through(proxy.port, { scheme: "https", host: "localhost", credentials });
    expect((await caller(secure).send(request(upstream.url), never())).status).toBe(200);
    const distrusted = await failureOf(
      caller(secure, { ca: (await createAuthority()).ca }).send(request(upstream.url), never()),
    );
    expect(distrusted.message).toMatch(
      /^The proxy localhost:\d+ on the way .*is not trusted, its certificate .*cafile/,
    );
    const { key, cert } = await (await createAuthority()).issue("other.test");
    const misnamed = await aProxy({ certificate: { key, cert } });
    const error = await failureOf(
      caller(through(misnamed.port, { scheme: "https" })).send(request(upstream.url), never()),
    );
    expect(error.code).toBe("proxy_unreachable");
  });

  it("come back when the proxy has cut the connection", async () => {
    const [upstream, proxy] = [await serve(), await aProxy()];
    const http = caller(through(proxy.port));
    await http.send(request(upstream.url), never());
    proxy.cut();
    await until(() => proxy.open === 0, "the end of the tunnels");
    const again = (): Promise<unknown> => http.send(request(upstream.url), never());
    // The first one may still meet the connection that is just ending.
    await again().catch(again);
    expect(proxy.asked).toHaveLength(2);
  });
});

describe("a proxy that inspects TLS", () => {
  it("is refused until its authority is in cafile, and then passes", async () => {
    const upstream = await serve();
    const inspector = await createAuthority("Inspecting proxy");
    const proxy = await aProxy({ inspect: { authority: inspector, names: [host] } });
    const refused = await failureOf(
      caller(through(proxy.port), { ca: undefined }).send(request(upstream.url), never()),
    );
    expect(refused.message).toMatch(
      /signed by an authority that is not trusted here; if a proxy inspects TLS/,
    );
    expect(upstream.seen).toEqual([]);
    const trusting = caller(through(proxy.port), { ca: inspector.ca });
    expect((await trusting.send(request(upstream.url), never())).status).toBe(200);
  });

  it("may show a server's own certificate, too: cafile comes on top of the well-known authorities", async () => {
    const [upstream, proxy, inspector] = [
      await serve(),
      await aProxy(),
      await createAuthority("Inspecting proxy"),
    ];
    const both = caller(through(proxy.port), { ca: `${inspector.ca}\n${certificates.ca}` });
    expect((await both.send(request(upstream.url), never())).status).toBe(200);
  });
});

describe("a proxy that does not let us through is named, with what to do, and nothing goes around it", () => {
  const refusals: readonly (readonly [
    string,
    number,
    Record<string, string>,
    ProxyServer["credentials"],
    object,
  ])[] = [
    [
      "wants a log-in",
      407,
      { "Proxy-Authenticate": 'Basic realm="x"' },
      undefined,
      {
        code: "proxy_refused",
        message:
          /wants a user name and password \(407\): set proxy_username and proxy_password in \[trustar\]$/,
      },
    ],
    [
      "refuses the log-in",
      407,
      { "Proxy-Authenticate": 'Basic realm="x"' },
      credentials,
      {
        code: "proxy_refused",
        message: /does not accept the user name and password \(407\): check proxy_username/,
      },
    ],
    [
      "takes Kerberos only",
      407,
      { "Proxy-Authenticate": "Negotiate" },
      credentials,
      { code: "proxy_refused", message: /wants a log-in other than Basic \(407\)/ },
    ],
    [
      "forbids the target",
      403,
      {},
      undefined,
      {
        code: "proxy_refused",
        message: /refuses connections to api\.trustar\.test:\d+ \(403\): allow CONNECT/,
      },
    ],
    [
      "can't reach it",
      503,
      {},
      undefined,
      { code: "proxy_unreachable", message: /could not reach api\.trustar\.test:\d+ \(503\)/ },
    ],
  ];
  it.each(refusals)("%s", async (_what, status, headers, given, expected) => {
    const [upstream, proxy] = [await serve(), await aProxy()];
    proxy.refuseWith(status, headers);
    const error = await failureOf(
      caller(through(proxy.port, { credentials: given })).send(request(upstream.url), never()),
    );
    const { code, message } = expected as { code: string; message: RegExp };
    expect(error).toMatchObject({ code, retryable: code === "proxy_unreachable" });
    expect(error.message).toMatch(message);
    expect(error.message).toContain(`The proxy 127.0.0.1:${proxy.port} on the way to ${host}:`);
    expect(upstream.connections).toBe(0);
  });

  it("is down", async () => {
    const [upstream, proxy] = [await serve(), await aProxy()];
    const { port } = proxy;
    await proxy.close();
    const error = await failureOf(caller(through(port)).send(request(upstream.url), never()));
    expect(error).toMatchObject({ code: "proxy_unreachable", retryable: true });
    expect(error.message).toBe(
      `The proxy 127.0.0.1:${port} on the way to ${host}:${upstream.port} refuses connections (ECONNREFUSED): ` +
        "check that it runs and that [trustar] proxy_url names it",
    );
    expect(upstream.connections).toBe(0);
  });

  it("has a name that nobody knows", async () => {
    const proxy = through(3128, { host: "no.such.proxy.invalid" });
    const error = await failureOf(caller(proxy).send(request((await serve()).url), never()));
    expect(error.message).toMatch(
      /^The proxy no\.such\.proxy\.invalid:3128 .*can't be resolved \(\w+\): check \[trustar\] proxy_url/,
    );
  });

  it("takes the connection and says nothing: that ends before the call does", async () => {
    const proxy = await aProxy();
    proxy.refuseWith("silence");
    const error = await failureOf(
      caller(through(proxy.port), { timeoutMs: 2_000 }).send(request((await serve()).url), never()),
    );
    expect(error.message).toMatch(/^The proxy 127\.0\.0\.1:\d+ .*gave no answer within 1600 ms/);
  });

  it.each([
    ["speaks another protocol", "SSH-2.0-OpenSSH\r\n", /does not answer like an http proxy \(HPE_/],
    ["hangs up", "", /hung up without an answer \(ECONNRESET\)/],
  ])("%s", async (_what, bytes, message) => {
    const server = net.createServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", () => socket.end(bytes));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    open.push(server);
    const { port } = server.address() as AddressInfo;
    const error = await failureOf(caller(through(port)).send(request((await serve()).url), never()));
    expect(error.message).toMatch(message);
  });

  it("speaks no TLS though https:// was said, or TLS though it was not", async () => {
    const [plain, sealed] = [await aProxy(), await aProxy({ certificate: certificates })];
    const { url } = await serve();
    const first = await failureOf(
      caller(through(plain.port, { scheme: "https" })).send(request(url), never()),
    );
    expect(first.message).toMatch(/does not answer like an https proxy \(.*does it want http:\/\//);
    const second = await failureOf(caller(through(sealed.port)).send(request(url), never()));
    expect(second.message).toMatch(/does it want https:\/\//);
  });
});

describe("a tunnel", () => {
  const target = { host, port: 1 };

  it("is not asked for again for a minute after a refused log-in: that would lock the account", async () => {
    const proxy = await aProxy({ login });
    const clock = createFakeClock();
    const tunnel = new ProxyTunnel({ proxy: through(proxy.port), clock });
    for (let call = 0; call < 3; call += 1) await failureOf(tunnel.open(target, never()));
    expect(proxy.asked).toHaveLength(1);
    clock.advance(60_000);
    await failureOf(tunnel.open(target, never()));
    expect(proxy.asked).toHaveLength(2);
  });

  it("ends with its caller, also while the proxy is silent", async () => {
    const proxy = await aProxy();
    proxy.refuseWith("silence");
    const controller = new AbortController();
    const reason = new Error("caller left");
    const opening = new ProxyTunnel({ proxy: through(proxy.port) }).open(target, controller.signal);
    await until(() => proxy.asked.length === 1, "the CONNECT");
    controller.abort(reason);
    await expect(opening).rejects.toBe(reason);
  });

  it("ends with the program, also while the proxy is silent", async () => {
    const proxy = await aProxy();
    proxy.refuseWith("silence");
    const http = caller(through(proxy.port), { timeoutMs: 60_000 });
    const sending = failureOf(http.send(request(`https://${host}:1`), never()));
    await until(() => proxy.asked.length === 1, "the CONNECT");
    http.close();
    expect((await sending).code).toBe("upstream_unreachable");
  });

  it("writes the address of an IPv6 target as CONNECT wants it", async () => {
    const proxy = await aProxy();
    proxy.refuseWith(403);
    await failureOf(
      new ProxyTunnel({ proxy: through(proxy.port) }).open({ host: "2001:db8::1", port: 443 }, never()),
    );
    expect(proxy.asked[0]?.target).toBe("[2001:db8::1]:443");
  });
});
