import { bindHttpServer, type HttpServer } from "../../src/app/http-server.js";
import { Secret } from "../../src/core/secret.js";
import fc from "fast-check";
import { createFakeClock } from "../support/fake-clock.js";
import { createTestApp } from "../support/http-fixture.js";
import { buildEngine } from "../support/lookup-fixtures.js";
import { createLogCapture } from "../support/log-capture.js";
import { fuzzAtOnce, liveBytes } from "./fuzz.js";
import { cuts } from "./mangled.js";
import { exchangeRaw, parseAnswers } from "./raw-exchange.js";
import { judged } from "./threat-service-under-test.js";

const passwordText = "p4ss-of-the-service";
const right = `Basic ${Buffer.from(`soar:${passwordText}`).toString("base64")}`;

const methods = [
  "GET",
  "POST",
  "PUT",
  "OPTIONS",
  "DELETE",
  "TRACE",
  "PATCH",
  "CONNECT",
  "PROPFIND",
  "get",
  "G\0T",
];
const paths = [
  "/",
  "*",
  "/cts/trustar",
  "/cts/trustar/",
  "/cts/trustar//",
  "/cts/trustar/f9acc1b7-6184-5746-873e-e385e6214261",
  "//cts/trustar",
  "/cts//trustar",
  "/CTS/Trustar",
  "/cts/trustar/%",
  "/cts/trustar/%00",
  "/cts/trustar/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
  "/cts/trustar/../../etc/passwd",
  "/cts/trustar/..\\..\\x",
  "/cts/trustar/%ff%fe",
  "/cts/trustar/__proto__",
  "/cts/trustar/constructor",
  "/cts/trustar/a/b/c",
  "/cts/trustar/%0d%0aX-Injected:%201",
  `/cts/trustar/${"x".repeat(9_000)}`,
  "/cts/trustar?a[b]=c&__proto__[x]=y",
  "/cts/trustar#x",
  "http://evil.example/cts/trustar/x",
  "https://user:pass@evil.example:99999/cts/trustar/x",
  "http://[::1/cts/trustar",
  "evil.example:443",
  "/cts/trustar/x y",
  "/health",
  "/ready",
  "/nothing",
];
const headers = [
  "Host: x",
  "Host: evil.example\r\nHost: other.example",
  "Host: x@y:z/w",
  "Host:",
  `Authorization: ${right}`,
  "Authorization: Basic",
  "Authorization: Basic =",
  `Authorization: Basic ${"A".repeat(8_000)}`,
  "Authorization: Bearer x",
  "X-Request-Id: a\tb",
  "X-Request-Id: ../../x",
  `X-Request-Id: ${"x".repeat(1_000)}`,
  "Content-Type: application/json",
  "Content-Type: multipart/form-data",
  "Content-Type: multipart/form-data; boundary=",
  'Content-Type: multipart/form-data; boundary="',
  `Content-Type: multipart/form-data; boundary=${"b".repeat(300)}`,
  "Content-Type: application/json; charset=nonsense",
  "Content-Type: ;;;",
  "Content-Encoding: gzip, gzip, gzip",
  "Content-Encoding: \t",
  "Content-Length: 5",
  "Content-Length: -1",
  "Content-Length: 99999999999999999999",
  "Content-Length: 5\r\nContent-Length: 6",
  "Content-Length: 5, 5",
  "Transfer-Encoding: chunked",
  "Transfer-Encoding: chunked, identity",
  "Transfer-Encoding: gzip, chunked",
  "Transfer-Encoding : chunked",
  "Content-Length: 5\r\nTransfer-Encoding: chunked",
  "Expect: 100-continue",
  "Expect: the unexpected",
  "Upgrade: websocket\r\nConnection: Upgrade",
  "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA",
  "Connection: keep-alive",
  "Connection: close, x, __proto__",
  "X-HTTP-Method-Override: DELETE",
  "X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Host: evil.example",
  "Range: bytes=0-,0-,0-",
  "If-None-Match: *",
  "__proto__: x",
  " folded: x\r\n\tmore",
  "no colon",
  ": no name",
  `X-Long: ${"x".repeat(20_000)}`,
  ...["\0", "\x7f", "\xff", "é"].map((odd) => `X-Odd: a${odd}b`),
];
const bodies = [
  "",
  "hello",
  '{"type":"net.ip","value":"203.0.113.7"}',
  "5\r\nhello\r\n0\r\n\r\n",
  "5;ext=1\r\nhello\r\n0\r\nTrailer: x\r\n\r\n",
  "FFFFFFFFFFFFFFFFF\r\nhello",
  "-5\r\nhello\r\n0\r\n\r\n",
  "5\r\nhel",
  "0\r\n\r\nGET /cts/trustar/smuggled HTTP/1.1\r\nHost: x\r\n\r\n",
  "GET /health HTTP/1.1\r\nHost: x\r\n\r\n",
];

const request = fc
  .record({
    method: fc.constantFrom("GET", "POST", "POST", ...methods),
    path: fc.constantFrom("/cts/trustar", ...paths),
    version: fc.constantFrom(
      "HTTP/1.1",
      "HTTP/1.1",
      "HTTP/1.1",
      "HTTP/1.0",
      "HTTP/0.9",
      "HTTP/2.0",
      "",
      "http/1.1",
    ),
    headers: fc.uniqueArray(fc.constantFrom(...headers), { maxLength: 5 }),
    withHost: fc.boolean(),
    body: fc.constantFrom(...bodies),
    edit: fc.oneof(
      fc.constant((whole: string) => Buffer.from(whole, "latin1")),
      cuts(2),
    ),
    pieces: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ method, path, version, headers: lines, withHost, body, edit, pieces }) => {
    const all = withHost ? ["Host: x", ...lines] : lines;
    const whole = edit(`${[`${method} ${path} ${version}`, ...all].join("\r\n")}\r\n\r\n${body}`);
    const size = Math.ceil(whole.length / pieces) || 1;
    return Array.from({ length: pieces }, (_, at) => whole.subarray(at * size, (at + 1) * size));
  });

const documented = [200, 303, 400, 401, 404, 405, 413, 431, 503];
const documentedElsewhere = [200, 503];

describe("requests", () => {
  const capture = createLogCapture("info");
  let server: HttpServer;
  let before = 0;
  let played = 0;

  beforeAll(async () => {
    const clock = createFakeClock();
    const { engine } = buildEngine({ clock, cacheSize: 50, maxRunning: 50, answerWithinMs: 0 });
    server = await bindHttpServer({
      host: "127.0.0.1",
      port: 0,
      log: capture.log,
      // Whoever doesn't come to an end gets one soon.
      requestTimeoutMs: 250,
      checkEveryMs: 50,
      keepAliveMs: 100,
    });
    const credentials = { user: "soar", password: new Secret(passwordText) };
    server.serve(
      createTestApp(
        { lookups: engine, clock, credentials, maxWrongLogins: 0 },
        { log: capture.log, exchange: server.exchange },
      ),
    );
  });
  afterAll(() => server.stop(0));

  fuzzAtOnce("heads, framing and paths", 0.1, request, 200, async (pieces) => {
    const received = await exchangeRaw(server.port, pieces);
    for (const answer of parseAnswers(received)) {
      expect(documented).toContain(answer.status);
      expect([...answer.headers.keys()]).not.toContain("x-injected");
      const isOurs = answer.body.startsWith('{"id":') || !documentedElsewhere.includes(answer.status);
      if (isOurs) judged(answer);
      else expect(JSON.parse(answer.body)).toEqual(expect.any(Object));
      expect(answer.body).not.toContain(passwordText);
    }
    if ((played += 1) === 400) before = liveBytes();
  });

  test("no password is in the log, and no line tells of a fault of ours", () => {
    const text = capture.text();
    expect(text).not.toContain(passwordText);
    expect(text).not.toContain(right.slice(6));
    expect(text).not.toContain("request failed unexpectedly");
    expect(text).not.toContain('"level":50');
  });

  test("it still answers, no connection is left, and no memory", async () => {
    const answer = await fetch(`${server.url}/health`);
    expect(answer.status).toBe(200);
    await answer.text();
    expect(liveBytes() - before).toBeLessThan(64 * 1024 * 1024);
    await server.stop(10_000);
  });
});
