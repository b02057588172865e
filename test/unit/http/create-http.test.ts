import { getEventListeners } from "node:events";
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer, type RequestListener, type Server as HttpServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { inspect } from "node:util";
import {
  createHttp,
  smallAnswerBytes,
  type HttpCaller,
  type HttpRequest,
} from "../../../services/http/create-http.js";
import type { UpstreamError } from "../../../src/core/errors.js";
import { makeCertificates } from "../../support/certificates.js";
import { never, until } from "../../support/lookup-fixtures.js";

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close();
});

async function listen(server: Server, scheme = "http"): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.push({
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
        (server as Partial<HttpServer>).closeAllConnections?.();
      }),
  });
  return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const serve = (listener: RequestListener): Promise<string> => listen(createServer(listener));

function caller(timeoutMs = 20_000): HttpCaller {
  const http = createHttp({ upstream: "TruSTAR", timeoutMs, maxSockets: 4 });
  open.push(http);
  return http;
}

const request = (url: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: "GET",
  url,
  headers: { authorization: "Bearer very-secret-token" },
  ...more,
});

async function failureOf(work: Promise<unknown>): Promise<UpstreamError> {
  const error: unknown = await work.catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(Error);
  expect(inspect(error, { depth: null, showHidden: true })).not.toContain("very-secret-token");
  return error as UpstreamError;
}

it("sends what it is given, as it is, and takes any status for an answer", async () => {
  const seen: string[] = [];
  const url = await serve((req, res) => {
    let body = "";
    req.on("data", (chunk: Buffer) => (body += chunk.toString()));
    req.on("end", () => {
      seen.push(
        `${req.method} ${req.url} ${req.headers.authorization} ${req.headers["content-type"]} ${body}`,
      );
      res.writeHead(503, { "Trace-Id": "t1" }).end('{"b\u00f6se": true}');
    });
  });
  const headers = { authorization: "Bearer x", "content-type": "application/json" };
  const answer = await caller().send(
    { method: "POST", url: `${url}/a?b=%2C,`, headers, body: '["\u00e9"]' },
    never(),
  );
  expect(seen).toEqual(['POST /a?b=%2C, Bearer x application/json ["\u00e9"]']);
  expect(answer).toMatchObject({ status: 503, text: '{"b\u00f6se": true}' });
  expect(answer.headers.get("trace-id")).toBe("t1");
});

it("reads an answer that came compressed", async () => {
  const url = await serve((_req, res) => {
    res.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("[1]"));
  });
  expect((await caller().send(request(url), never())).text).toBe("[1]");
});

it("does not follow a redirect: the credentials stay with the server they are for", async () => {
  let elsewhere = 0;
  const other = await serve((_req, res) => {
    elsewhere += 1;
    res.end();
  });
  for (const status of [301, 302, 303, 307, 308]) {
    const url = await serve((_req, res) => void res.writeHead(status, { location: `${other}/steal` }).end());
    expect(await caller().send(request(url), never())).toMatchObject({ status });
  }
  expect(elsewhere).toBe(0);
});

it("uses no proxy that the environment happens to name", async () => {
  const url = await serve((_req, res) => void res.end("direct"));
  const before = process.env["HTTP_PROXY"];
  process.env["HTTP_PROXY"] = "http://127.0.0.1:9";
  try {
    expect((await caller().send(request(url), never())).text).toBe("direct");
  } finally {
    if (before === undefined) delete process.env["HTTP_PROXY"];
    else process.env["HTTP_PROXY"] = before;
  }
});

it("keeps its connection for the next call, and closes it on close", async () => {
  const sockets = new Set<unknown>();
  let openSockets = 0;
  const server = createServer((_req, res) => void res.end("ok"));
  server.on("connection", (socket) => {
    sockets.add(socket);
    openSockets += 1;
    socket.once("close", () => (openSockets -= 1));
  });
  const url = await listen(server);
  const http = caller();
  for (let call = 0; call < 5; call += 1) await http.send(request(url), never());
  expect([sockets.size, openSockets]).toEqual([1, 1]);
  http.close();
  await until(() => openSockets === 0, "the end of the sockets");
});

describe("no complete answer in time is a timeout", () => {
  it.each([
    ["silence", () => undefined],
    [
      "a header and then silence",
      (_req, res) => {
        res.writeHead(200, { "content-length": "10" });
        res.write("[");
      },
    ],
    [
      "a byte now and then",
      (_req, res) => {
        res.writeHead(200);
        const timer = setInterval(() => res.write(" "), 5);
        res.once("close", () => {
          clearInterval(timer);
        });
      },
    ],
  ] as const satisfies readonly (readonly [string, RequestListener])[])("%s", async (_what, listener) => {
    const { signal } = new AbortController();
    const error = await failureOf(caller(60).send(request(await serve(listener)), signal));
    expect(error).toMatchObject({ code: "upstream_timeout", retryable: true });
    expect(error.message).toBe("TruSTAR gave no complete answer within 60 ms");
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });
});

it("a caller who leaves gets its own reason back, and the call is cut off", async () => {
  let cutOff = 0;
  const controller = new AbortController();
  const reason = new Error("caller left");
  const url = await serve((req) => {
    req.socket.once("close", () => (cutOff += 1));
    controller.abort(reason);
  });
  await expect(caller().send(request(url), controller.signal)).rejects.toBe(reason);
  expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
  await until(() => cutOff === 1, "the end of the call");
});

describe("an upstream that can't be reached", () => {
  it("because nothing listens, is named as such", async () => {
    const server = createTcpServer();
    const url = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    expect(await failureOf(caller().send(request(url), never()))).toMatchObject({
      code: "upstream_unreachable",
      retryable: true,
      message: "TruSTAR could not be reached (ECONNREFUSED): nothing listens at that address",
    });
  });

  it.each([
    ["cuts the connection", (socket: Socket) => void socket.resetAndDestroy()],
    [
      "cuts it in the body",
      (socket: Socket) => void socket.end("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n[1"),
    ],
    ["speaks another protocol", (socket: Socket) => void socket.end("SSH-2.0-OpenSSH\r\n")],
    ["says nothing and hangs up", (socket: Socket) => void socket.end()],
  ])("because it %s, is never taken for an answer", async (_what, misbehave) => {
    const url = await listen(
      createTcpServer((socket) => {
        socket.on("error", () => undefined);
        socket.once("data", () => {
          misbehave(socket);
        });
      }),
    );
    expect(await failureOf(caller().send(request(url), never()))).toMatchObject({
      code: "upstream_unreachable",
      retryable: true,
    });
  });

  const endless: RequestListener = (_req, res) => {
    const block = Buffer.alloc(1024 * 1024, 32);
    const more = (): void => {
      while (!res.destroyed && res.write(block));
      if (!res.destroyed) res.once("drain", more);
    };
    more();
  };

  it.each([
    [undefined, "upstream_too_large", "more than 8 MB"],
    [smallAnswerBytes, "upstream_invalid_answer", "more than 256 KB"],
  ])("an answer without end is cut off (%j), not collected", async (maxBytes, code, words) => {
    const url = await serve(endless);
    expect(await failureOf(caller(50_000).send(request(url, { maxBytes }), never()))).toMatchObject({
      code,
      message: expect.stringContaining(words),
    });
  });

  it.each([
    ["gzip", gzipSync],
    ["deflate", deflateSync],
    ["br", brotliCompressSync],
  ])("what %s makes small counts as it is unpacked", async (encoding, pack) => {
    const bomb = pack(Buffer.alloc(9 * 1024 * 1024, 32));
    const url = await serve(
      (_req, res) => void res.writeHead(200, { "content-encoding": encoding }).end(bomb),
    );
    expect(bomb.length).toBeLessThan(20_000);
    expect(await failureOf(caller(50_000).send(request(url), never()))).toMatchObject({
      code: "upstream_too_large",
    });
  });
});

describe("TLS", () => {
  it("a server whose certificate nobody here trusts is refused, with a sentence that says so", async () => {
    const { key, cert } = await makeCertificates();
    let asked = 0;
    const url = await listen(
      createTlsServer({ key, cert }, (_req, res) => void (asked++, res.end())),
      "https",
    );
    const error = await failureOf(caller().send(request(url), never()));
    expect(error).toMatchObject({ code: "upstream_unreachable" });
    expect(error.message).toContain("its certificate is signed by an authority that is not trusted here");
    expect(asked).toBe(0);
  });

  it("a self-signed certificate is refused, with a sentence that says so", async () => {
    const { generate } = await import("selfsigned");
    const { private: key, cert } = await generate([{ name: "commonName", value: "localhost" }], {
      keyType: "ec",
      algorithm: "sha256",
    });
    const url = await listen(
      createTlsServer({ key, cert }, (_req, res) => void res.end()),
      "https",
    );
    expect((await failureOf(caller().send(request(url), never()))).message).toBe(
      "TruSTAR could not be reached (DEPTH_ZERO_SELF_SIGNED_CERT): its certificate is self-signed; " +
        "if a proxy inspects TLS here, or the authority is your own, put its certificate into cafile",
    );
  });

  it("a server that speaks plain HTTP where HTTPS is expected is no answer, and the url is what to look at", async () => {
    const url = await serve((_req, res) => void res.end("plain"));
    const error = await failureOf(caller().send(request(url.replace("http:", "https:")), never()));
    expect(error.code).toBe("upstream_unreachable");
    expect(error.message).toContain("it seems to speak http there, or only a TLS older than 1.2");
  });
});
