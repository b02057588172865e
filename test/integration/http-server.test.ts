import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import http, { type RequestListener, type ServerResponse } from "node:http";
import https from "node:https";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { bindHttpServer, type HttpServer, type HttpServerOptions } from "../../src/app/http-server.js";
import { ConfigError } from "../../src/core/errors.js";
import { makeCertificates } from "../support/certificates.js";
import { createTestApp, scriptLookups, sendRaw } from "../support/http-fixture.js";
import { createLogCapture } from "../support/log-capture.js";

const hello: RequestListener = (_req, res) => {
  res.end("hello");
};
const FAR_OFF_MS = 10_000;

let running: HttpServer[] = [];
const capture = createLogCapture();

async function bind(options: Partial<HttpServerOptions> = {}): Promise<HttpServer> {
  const server = await bindHttpServer({ host: "127.0.0.1", port: 0, log: capture.log, ...options });
  running.push(server);
  return server;
}

async function start({
  app = hello,
  ...options
}: Partial<HttpServerOptions & { app: RequestListener }> = {}): Promise<HttpServer> {
  const server = await bind(options);
  server.serve(app);
  return server;
}

afterEach(async () => {
  await Promise.all(running.map((server) => server.stop(0)));
  running = [];
});

interface Got {
  readonly status: number | undefined;
  readonly connection: string | undefined;
  readonly text: string;
}

function get(url: string, options: https.RequestOptions = {}): Promise<Got> {
  return new Promise((resolve, reject) => {
    const { get: send } = url.startsWith("https") ? https : http;
    send(url, options, (res) => {
      let text = "";
      res.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      res.on("end", () => {
        resolve({ status: res.statusCode, connection: res.headers.connection, text });
      });
    }).on("error", reject);
  });
}

/** Holds every request until the test lets it go. */
function holdRequests() {
  const held: ServerResponse[] = [];
  const waiting: (() => void)[] = [];
  const app: RequestListener = (_req, res) => {
    held.push(res);
    waiting.shift()?.();
  };
  const arrived = (): Promise<void> => new Promise((resolve) => waiting.push(resolve));
  return { app, held, arrived };
}

describe("listening", () => {
  test("says where it can be reached", async () => {
    const server = await start();
    expect(server.url).toBe(`http://127.0.0.1:${server.port}`);
    expect(await get(server.url)).toMatchObject({ status: 200, text: "hello" });
  });

  test("localhost is 127.0.0.1, which registered addresses name", async () => {
    const server = await start({ host: "localhost" });
    expect(server.url).toBe(`http://127.0.0.1:${server.port}`);
  });

  test.each([
    ["in use", (port: number) => ({ port }), /^\[webserver\] port \d+ is already in use on 127\.0\.0\.1/],
    [
      "another machine's address",
      () => ({ host: "192.0.2.1" }),
      /^\[webserver\] server 192\.0\.2\.1 is not an address/,
    ],
    [
      "no name at all",
      () => ({ host: "nowhere.invalid" }),
      /^\[webserver\] server nowhere\.invalid is not an address/,
    ],
  ])("%s is a problem of the configuration", async (_kind, options, message) => {
    const { port } = await start();
    const attempt = start(options(port));
    await expect(attempt).rejects.toThrow(ConfigError);
    await expect(attempt).rejects.toThrow(message);
  });
});

describe("before it serves", () => {
  /** What can't be parsed is answered at once: by then the server has read what was sent before. */
  const requestsHaveCome = (server: HttpServer): Promise<string> => sendRaw(server.port, "nonsense\r\n\r\n");

  test("callers wait and are answered when it does", async () => {
    const server = await bind();
    const body = "x".repeat(100_000);
    const answer = fetch(server.url, { method: "POST", body });
    const early = get(server.url);
    await requestsHaveCome(server);
    server.serve((req, res) => {
      let length = 0;
      req.on("data", (chunk: Buffer) => (length += chunk.length));
      req.on("end", () => res.end(`got ${length}`));
    });
    expect(await (await answer).text()).toBe("got 100000");
    expect(await early).toMatchObject({ status: 200, text: "got 0" });
  });

  test("stopping waits for nobody", async () => {
    const server = await bind();
    const answer = get(server.url);
    await requestsHaveCome(server);
    await Promise.all([expect(answer).rejects.toThrow(/hang up|ECONNRESET/), server.stop(FAR_OFF_MS)]);
  });
});

describe("HTTPS", () => {
  let directory: string;
  let certFile: string;
  let ca: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "http-server-"));
    certFile = join(directory, "server.pem");
    const made = await makeCertificates();
    ca = made.ca;
    await writeFile(certFile, `${made.key}\n${made.cert}`);
    await writeFile(join(directory, "key-only.pem"), made.key);
    await writeFile(join(directory, "cert-only.pem"), made.cert);
    await writeFile(join(directory, "nonsense.pem"), "nonsense");
    await writeFile(join(directory, "mixed.pem"), `${(await makeCertificates()).key}\n${made.cert}`);
  });

  afterAll(() => rm(directory, { recursive: true }));

  test("one file with key and certificate is enough", async () => {
    const server = await start({ tls: { certFile } });
    expect(server.url).toBe(`https://127.0.0.1:${server.port}`);
    expect(await get(server.url, { ca })).toMatchObject({ status: 200, text: "hello" });
  });

  test("speaks nothing older than TLS 1.2", async () => {
    const server = await start({ tls: { certFile } });
    const connect = (maxVersion: tls.SecureVersion): Promise<unknown> => {
      const options = {
        port: server.port,
        ca,
        maxVersion,
        minVersion: "TLSv1" as const,
        ciphers: "ALL:@SECLEVEL=0",
      };
      const socket = tls.connect(options);
      return once(socket, "secureConnect")
        .then(
          () => socket.getProtocol(),
          (error: unknown) => (error as Error).message,
        )
        .finally(() => socket.destroy());
    };
    expect(await connect("TLSv1.2")).toBe("TLSv1.2");
    expect(await connect("TLSv1.1")).toMatch(/version|alert/);
  });

  test.each(["key-only", "cert-only", "nonsense", "mixed", "missing"])(
    "%s.pem is named in the error",
    async (name) => {
      const file = join(directory, `${name}.pem`);
      const attempt = start({ tls: { certFile: file } });
      await expect(attempt).rejects.toThrow(ConfigError);
      await expect(attempt).rejects.toThrow(`[webserver] certfile ${file}`);
    },
  );

  test("whoever says nothing of encryption is cut off", async () => {
    const server = await start({ tls: { certFile, handshakeTimeoutMs: 20 } });
    expect(await sendRaw(server.port)).toBe("");
  });

  test("who has said nothing but hello gets no answer when the time for headers is over", async () => {
    const server = await start({ tls: { certFile }, headersTimeoutMs: 20, checkEveryMs: 10 });
    const told = async (said: string): Promise<string> => {
      const socket = tls.connect({ port: server.port, ca }).setEncoding("latin1");
      socket.on("error", () => undefined).write(said);
      let heard = "";
      socket.on("data", (text: string) => (heard += text));
      await new Promise((resolve) => socket.once("close", resolve));
      return heard;
    };
    expect(await told("")).toBe("");
    expect(await told("GET /")).toMatch(/^HTTP\/1\.1 503 /);
  });

  test("stops with idle, silent and half-open connections about", async () => {
    const server = await start({ tls: { certFile } });
    const agent = new https.Agent({ keepAlive: true });
    await get(server.url, { ca, agent });
    const silent = tls.connect({ port: server.port, ca });
    const noHello = net.connect(server.port, "127.0.0.1");
    await Promise.all([once(silent, "secureConnect"), once(noHello, "connect")]);
    const gone = [silent, noHello].map((socket) => {
      socket.on("error", () => undefined);
      return once(socket, "close");
    });
    await server.stop(FAR_OFF_MS);
    await Promise.all(gone);
    agent.destroy();
  });

  test("answers what is running before it stops", async () => {
    const { app, held, arrived } = holdRequests();
    const server = await start({ app, tls: { certFile } });
    const came = arrived();
    const answer = get(server.url, { ca, agent: new https.Agent({ keepAlive: true }) });
    await came;
    const stopped = server.stop(FAR_OFF_MS);
    held[0]?.end("late");
    expect(await answer).toEqual({ status: 200, connection: "close", text: "late" });
    await stopped;
  });
});

describe("stopping", () => {
  test("answers what is running, and takes nothing new", async () => {
    const { app, held, arrived } = holdRequests();
    const server = await start({ app });
    const came = arrived();
    const answer = get(server.url, { agent: new http.Agent({ keepAlive: true }) });
    await came;
    const stopped = server.stop(FAR_OFF_MS);
    await expect(get(server.url)).rejects.toThrow("ECONNREFUSED");
    held[0]?.end("late");
    expect(await answer).toEqual({ status: 200, connection: "close", text: "late" });
    await stopped;
  });

  test("closes a kept connection whose answer had begun", async () => {
    const { app, held, arrived } = holdRequests();
    const server = await start({ app });
    const came = arrived();
    const answer = get(server.url, { agent: new http.Agent({ keepAlive: true }) });
    await came;
    held[0]?.write("be");
    const stopped = server.stop(FAR_OFF_MS);
    held[0]?.end("gun");
    expect(await answer).toMatchObject({ status: 200, text: "begun" });
    await stopped;
  });

  test("doesn't wait for idle and silent connections", async () => {
    const server = await start();
    const agent = new http.Agent({ keepAlive: true });
    await get(server.url, { agent });
    const silent = net.connect(server.port, "127.0.0.1");
    await once(silent, "connect");
    const gone = once(silent, "close");
    await server.stop(FAR_OFF_MS);
    await gone;
    agent.destroy();
  });

  test("cuts off at the deadline, and says so", async () => {
    const { app, arrived } = holdRequests();
    const server = await start({ app });
    const came = arrived();
    const answer = get(server.url);
    await came;
    await Promise.all([expect(answer).rejects.toThrow(/hang up|ECONNRESET/), server.stop(1)]);
    expect(capture.lines().at(-1)).toMatchObject({ requests: 1, level: 40 });
  });

  test("what was answered before on the same connection is not counted as cut off", async () => {
    const { app, held, arrived } = holdRequests();
    const server = await start({ app });
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const first = arrived();
    const answer = get(server.url, { agent });
    await first;
    held[0]?.end("early");
    expect(await answer).toMatchObject({ text: "early" });
    const second = arrived();
    const late = get(server.url, { agent });
    await second;
    expect(held[1]?.req.socket).toBe(held[0]?.req.socket);
    await Promise.all([expect(late).rejects.toThrow(/hang up|ECONNRESET/), server.stop(1)]);
    expect(capture.lines().at(-1)).toMatchObject({ requests: 1, level: 40 });
  });

  test("may be asked twice", async () => {
    const server = await start();
    const first = server.stop(FAR_OFF_MS);
    await Promise.all([first, server.stop(0)]);
    await server.stop(0);
  });
});

describe("what isn't HTTP", () => {
  test.each([
    ["nonsense", "nonsense\r\n\r\n", 400, "request: not valid HTTP"],
    ["headers without end", `GET / HTTP/1.1\r\nX: ${"x".repeat(20_000)}\r\n\r\n`, 431, "headers: too large"],
  ])("%s gets an answer in the usual shape", async (_kind, bytes, status, error) => {
    const { port } = await start();
    const answer = await sendRaw(port, bytes);
    const [head = "", body = ""] = answer.split("\r\n\r\n");
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(head).toContain("Content-Type: application/json; charset=utf-8");
    expect(JSON.parse(body)).toEqual({ id: null, hits: [], error });
  });

  test.each([
    ["without Host", "GET /cts/trustar/x HTTP/1.1\r\n", 400, "headers: Host is missing"],
    ["for a URL that is none", "GET http://[::1/x HTTP/1.1\r\nHost: x\r\n", 400, "path: not a valid URL"],
    ["for a port that is none", "GET http://h:a/x HTTP/1.1\r\nHost: x\r\n", 400, "path: not a valid URL"],
    ["for a whole URL", "GET http://h:80/y HTTP/1.1\r\nHost: x\r\n", 404, "path: there is nothing at"],
    [
      "that expects too much",
      "GET /x HTTP/1.1\r\nHost: x\r\nExpect: gold\r\n",
      404,
      "path: there is nothing at",
    ],
  ])("a request %s gets an answer in the usual shape", async (_kind, head, status, error) => {
    const { port } = await start({ app: createTestApp({ lookups: scriptLookups() }) });
    const answer = await sendRaw(port, `${head}Connection: close\r\n\r\n`);
    const [first = "", body = ""] = answer.split("\r\n\r\n");
    expect(first).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(JSON.parse(body)).toEqual({ id: null, hits: [], error: expect.stringContaining(error) });
  });

  test("CONNECT gets the answer of a wrong method, and the server goes on", async () => {
    const server = await start({ app: createTestApp({ lookups: scriptLookups() }) });
    const asked = "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n";
    const answer = await sendRaw(server.port, `${asked}tunnelled`);
    const [head = "", body = ""] = answer.split("\r\n\r\n");
    expect(head).toMatch(/^HTTP\/1\.1 405 Method Not Allowed\r\n/);
    expect(head).toMatch(/^Allow: GET, OPTIONS, POST$/m);
    expect(head).toMatch(/^Content-Type: application\/json; charset=utf-8$/m);
    expect(JSON.parse(body)).toEqual({
      id: null,
      hits: [],
      error: "method: CONNECT is not possible here, only GET, OPTIONS, POST",
    });
    expect(await get(server.url)).toMatchObject({ status: 200 });
  });

  test("whoever asks for a tunnel and is gone harms nobody", async () => {
    const server = await start();
    const peers = Array.from({ length: 20 }, () => net.connect(server.port, "127.0.0.1"));
    await Promise.all(
      peers.map(async (peer) => {
        await once(peer, "connect");
        peer.write("CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\nmore");
        peer.resetAndDestroy();
        await once(peer, "close");
      }),
    );
    expect(await get(server.url)).toMatchObject({ status: 200 });
  });

  test("HTTP/1.0 knows no Host", async () => {
    const { port } = await start({ app: createTestApp({ lookups: scriptLookups() }) });
    expect(await sendRaw(port, "GET /health HTTP/1.0\r\n\r\n")).toMatch(/^HTTP\/1\.1 200 /);
  });

  test("headers that don't come to their end get a 503 long before a body would", async () => {
    const lookups = scriptLookups();
    const { port } = await start({ app: createTestApp({ lookups }), headersTimeoutMs: 20, checkEveryMs: 10 });
    const answer = await sendRaw(port, "POST /cts/trustar HTTP/1.1\r\nHost: x\r\nX-Slow: ");
    expect(answer).toMatch(/^HTTP\/1\.1 503 [\s\S]*"error":"request: not complete in time"\}$/);
    expect(lookups.submissions).toEqual([]);
  });

  test("who has said nothing is asked for nothing: the connection is closed without an answer", async () => {
    const app = createTestApp({ lookups: scriptLookups() });
    const { port } = await start({ app, headersTimeoutMs: 20, checkEveryMs: 10 });
    expect(await sendRaw(port, "")).toBe("");
  });

  test("whoever doesn't fetch its answer is cut off", async () => {
    const { app, held, arrived } = holdRequests();
    const server = await start({ app, requestTimeoutMs: 100, stallMs: 100 });
    const came = arrived();
    const idler = net.connect(server.port, "127.0.0.1");
    idler.pause().on("error", () => undefined);
    idler.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await came;
    const cut = new Promise((resolve) => held[0]?.once("close", resolve));
    const large = Buffer.alloc(64 * 1024 * 1024);
    held[0]?.end(large);
    await cut;
    expect(idler.bytesRead).toBeLessThan(large.length);
    idler.destroy();
  });

  test("a request that doesn't come to its end gets a 503, for a 4xx would be final", async () => {
    const lookups = scriptLookups();
    const limits = { headersTimeoutMs: 20, requestTimeoutMs: 20, checkEveryMs: 10 };
    const { port } = await start({ app: createTestApp({ lookups }), ...limits });
    const answer = await sendRaw(
      port,
      "POST /cts/trustar HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{",
    );
    expect(answer).toMatch(/^HTTP\/1\.1 503 [\s\S]*"error":"request: not complete in time"\}$/);
    expect(lookups.submissions).toEqual([]);
  });
});

describe("when all connections are taken", () => {
  async function connectTo({ port }: HttpServer) {
    const socket = net.connect(port, "127.0.0.1");
    socket.on("error", () => undefined);
    await once(socket, "connect");
    // Not `once`: a reset would reject it.
    return { socket, gone: new Promise((resolve) => socket.once("close", resolve)) };
  }

  test.each([
    ["silent", ""],
    ["slow with its headers", "GET / HTTP/1.1\r\nHost: x\r\n"],
    ["slow with its body", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{"],
  ])("whoever is %s makes room for who asks", async (_how, sent) => {
    const server = await start({ maxConnections: 1, app: createTestApp({ lookups: scriptLookups() }) });
    const idler = await connectTo(server);
    idler.socket.write(sent);
    expect(await get(server.url)).toMatchObject({ status: 200 });
    await idler.gone;
    expect(capture.text()).toContain("all 1 of max_connections were taken");
  });

  test("the longest idle goes first, whether it ever asked or not, and a new one last", async () => {
    const server = await start({ maxConnections: 3 });
    const keep = (): http.Agent => new http.Agent({ keepAlive: true });
    const [first, second, third] = [keep(), keep(), keep()];
    await get(server.url, { agent: first });
    const silent = await connectTo(server);
    await get(server.url, { agent: second });
    const gone: string[] = [];
    const socketOf = (agent: http.Agent) => Object.values(agent.freeSockets).flat()[0]!;
    const noteEnd = (name: string, socket: net.Socket) =>
      once(
        socket.once("close", () => gone.push(name)),
        "close",
      );
    const ends = [noteEnd("first", socketOf(first)), noteEnd("silent", silent.socket)];
    void noteEnd("second", socketOf(second));
    await get(server.url, { agent: third });
    await ends[0];
    await get(server.url, { agent: keep() });
    await ends[1];
    // The second was used after the silent one came: it stays.
    await get(server.url, { agent: second });
    expect(gone).toEqual(["first", "silent"]);
    for (const agent of [first, second, third]) agent.destroy();
  });

  test.each([
    ["has sent half a request", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{"],
    ["does not fetch an answer", "GET /large HTTP/1.1\r\nHost: x\r\n\r\n"],
  ])("whoever %s makes room when the request is known", async (_how, sent) => {
    let come = (): void => undefined;
    const came = new Promise<void>((resolve) => (come = resolve));
    const app: RequestListener = (req, res) => {
      if (req.url === "/large") res.end(Buffer.alloc(20_000_000));
      if (req.url === "/small") res.end("hello");
      come();
    };
    const server = await start({ app, maxConnections: 1 });
    const other = await connectTo(server);
    other.socket.pause().write(sent);
    await came;
    expect(await get(`${server.url}/small`)).toMatchObject({ status: 200 });
    other.socket.resume();
    await other.gone;
  });

  test("who waits for an answer keeps its place, and the new one is dropped", async () => {
    const { app, held, arrived } = holdRequests();
    const server = await start({ app, maxConnections: 1 });
    const came = arrived();
    const answer = get(server.url);
    await came;
    await expect(get(server.url)).rejects.toThrow(/hang up|ECONNRESET/);
    held[0]?.end("late");
    expect(await answer).toMatchObject({ status: 200, text: "late" });
  });
});
