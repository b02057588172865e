import { once } from "node:events";
import net from "node:net";
import request from "supertest";
import { OverloadedError } from "../../src/core/errors.js";
import { Secret } from "../../src/core/secret.js";
import { createTestApp, finished, listenOn, scriptLookups, sendRaw } from "../support/http-fixture.js";
import { createLogCapture } from "../support/log-capture.js";

const DEBUG = 20;
const INFO = 30;
const WARN = 40;
const ERROR = 50;
const id = "2a0d1c3e-9f67-5b1c-8d1a-0123456789ab";
const uuid = /^[0-9a-f-]{36}$/;

function setUp(level?: "info") {
  const capture = createLogCapture(level);
  const lookups = scriptLookups({
    poll: (id) => {
      if (id === "failed") return { ...finished(), state: "failed", error: "TruSTAR could not be asked" };
      if (id === "bug") throw new TypeError("x is not a function");
      return finished();
    },
  });
  const metrics = { render: () => Promise.reject(new Error("registry broke")) };
  const credentials = { user: "soar", password: new Secret("hunter2") };
  const app = createTestApp({ lookups, credentials }, { log: capture.log, metrics });
  return { app, capture };
}

test("an answer is one line that says what was asked and how it went", async () => {
  const { app, capture } = setUp();
  await request(app).get(`/cts/trustar/${id}?secret=hunter2`).auth("soar", "hunter2").expect(200);
  expect(capture.lines()).toEqual([
    {
      level: DEBUG,
      time: expect.any(Number),
      name: "http",
      reqId: expect.stringMatching(uuid),
      method: "GET",
      path: `/cts/trustar/${id}`,
      status: 200,
      ms: expect.any(Number),
      msg: "request answered",
    },
  ]);
});

test("steady traffic leaves nothing at info", async () => {
  const { app, capture } = setUp("info");
  await request(app).get("/cts/trustar/x").auth("soar", "hunter2").expect(200);
  await request(app).get("/health").expect(200);
  expect(capture.text()).toBe("");
});

test.each([
  ["/cts/trustar/failed", "/cts/trustar/…", 503, WARN, undefined],
  ["/cts/a/b", "/cts/a/b", 404, WARN, "path: there is nothing at this address"],
  ["/metrics", "/metrics", 500, ERROR, "internal error"],
])("%s is told with its weight", async (asked, path, status, level, problem) => {
  const { app, capture } = setUp();
  await request(app).get(asked).auth("soar", "hunter2").expect(status);
  const line = capture.lines().at(-1);
  expect(line).toMatchObject({ level, path, status, msg: "request answered" });
  expect(line?.problem).toBe(problem);
});

test("an artifact that is refused for want of room is counted elsewhere: no line for each above debug", async () => {
  const capture = createLogCapture();
  const lookups = scriptLookups({ submit: () => Promise.reject(new OverloadedError("too many")) });
  const app = createTestApp({ lookups }, { log: capture.log });
  await request(app).post("/cts/trustar").send({ type: "net.ip", value: "203.0.113.7" }).expect(503);
  expect(capture.lines()).toMatchObject([{ level: DEBUG, status: 503, problem: "too many" }]);
});

test.each([
  ["PUT", "/cts/trustar/secret.example", "/cts/trustar/…"],
  ["GET", "/cts/trustar/secret.example/x", "/cts/trustar/…"],
  ["GET", "/cts/trustar_cts/x/secret.example", "/cts/trustar_cts/…"],
  ["GET", "/CTS/Trustar//secret.example", "/CTS/Trustar//…"],
  ["GET", "/cts/trustar%2Fsecret.example", "/cts/trustar%2F…"],
  ["GET", "/soar/cts/trustar/secret.example", "/soar/cts/trustar/…"],
  ["GET", "/cts/trustar#secret.example", "/cts/trustar"],
  ["GET", "http://x/cts/trustar/secret.example", "http://x/cts/trustar/…"],
  ["GET", `/cts/trustar/${id}/secret.example`, "/cts/trustar/…"],
  ["GET", `/cts/trustar/${id}`, `/cts/trustar/${id}`],
  ["GET", `/cts/trustar//${id}/`, `/cts/trustar//${id}/`],
  ["DELETE", "/cts/trustar/", "/cts/trustar/"],
])("of %s %s no more is told than an id", async (method, target, path) => {
  const capture = createLogCapture();
  await using app = await listenOn(createTestApp({ lookups: scriptLookups() }, { log: capture.log }));
  await sendRaw(app.port, `${method} ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  expect(capture.lines()).toMatchObject([{ method, path }]);
  expect(capture.text()).not.toContain("secret.example");
});

test("a refused body is explained, but never quoted", async () => {
  const { app, capture } = setUp();
  const post = (body: string): request.Test =>
    request(app).post("/cts/trustar").auth("soar", "hunter2").type("json").send(body);
  await post('{"type":"system.user.password","value":"swordfish"').expect(400);
  await post('{"type":["swordfish"],"value":"swordfish"}').expect(400);
  await post('{"type":"system.user.password","value":"swordfish"}').expect(200);
  expect(capture.lines().map(({ problem }) => problem)).toEqual([
    expect.stringMatching(/^body: not valid JSON \(at position \d+\)$/),
    "type: expected a non-empty string, got an array",
    undefined,
  ]);
  expect(capture.text()).not.toContain("swordfish");
});

test("credentials appear nowhere, good or bad", async () => {
  const { app, capture } = setUp();
  await request(app).get("/cts/trustar/x").auth("soar", "hunter2").expect(200);
  await request(app).get("/cts/trustar/bug").auth("soar", "hunter2").expect(503);
  await request(app).get("/cts/trustar/x").auth("soar", "hunter3").expect(401);
  expect(capture.lines().length).toBeGreaterThanOrEqual(4);
  const secrets = [/hunter/, /soar/, /c29hcjpodW50/, /authorization"/i];
  for (const secret of secrets) expect(capture.text()).not.toMatch(secret);
});

test("a sane request id is kept, any other replaced", async () => {
  const { app, capture } = setUp();
  const echo = async (id: string): Promise<string> =>
    (await request(app).get("/health").set("X-Request-Id", id)).headers["x-request-id"] as string;
  expect(await echo("soar-1.2_3")).toBe("soar-1.2_3");
  expect(await echo("x".repeat(64))).toBe("x".repeat(64));
  expect(await echo("x".repeat(65))).toMatch(uuid);
  expect(await echo('a"b{}')).toMatch(uuid);
  expect((await request(app).get("/health")).headers["x-request-id"]).toMatch(uuid);
  expect(capture.lines()[0]?.reqId).toBe("soar-1.2_3");
});

test("a client that leaves is told as such, without a status it never got", async () => {
  const capture = createLogCapture();
  const lookups = scriptLookups({ submit: () => new Promise(() => undefined) });
  await using app = await listenOn(createTestApp({ lookups }, { log: capture.log }));
  const seen = once(app.server, "request");
  const socket = net.connect(app.port, "127.0.0.1");
  const body = '{"type":"net.ip","value":"192.0.2.1"}';
  socket.write(`POST /cts/trustar HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  const [, res] = (await seen) as [unknown, NodeJS.EventEmitter];
  const gone = once(res, "close");
  socket.destroy();
  await gone;
  const [line] = capture.lines();
  expect(line).toMatchObject({ level: INFO, msg: "client left before the answer", path: "/cts/trustar" });
  expect(line).not.toHaveProperty("status");
});

test("a path is cut to a length fit for a log", async () => {
  const { app, capture } = setUp();
  await request(app)
    .get(`/${"x".repeat(5_000)}`)
    .expect(404);
  expect(capture.lines()[0]?.path).toHaveLength(200);
});
