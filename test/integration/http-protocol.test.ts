import request from "supertest";
import { HttpProblem } from "../../routes/http-problem.js";
import { InvalidArtifactError, OverloadedError, PayloadTooLargeError } from "../../src/core/errors.js";
import type { Hit } from "../../src/core/hit.js";
import type { Answer } from "../../src/core/lookup.js";
import {
  createTestApp,
  finished,
  listenOn,
  lookupId,
  scriptLookups,
  sendRaw,
} from "../support/http-fixture.js";
import { createLogCapture } from "../support/log-capture.js";

const json = "application/json; charset=utf-8";
const artifact = { type: "net.ip", value: "192.0.2.1" };
const hit: Hit = { props: [{ type: "number", name: "Sightings", value: 3 }] };
const wireHit = { props: [{ type: "number", name: "Sightings", value: "3" }] };
const id = lookupId("be83617d-e0d7-5e39-bca2-7248e347cff1");
const pending: Answer = { state: "pending", id, hits: [hit], retrySecs: 5 };
const failed: Answer = { state: "failed", id, error: "TruSTAR could not be asked" };

describe.each(["/cts/trustar", "/cts/trustar/", "/cts/trustar_cts", "/cts/trustar_cts/", "/cts/trustar//"])(
  "at %s",
  (root) => {
    test("OPTIONS tells whether files are wanted", async () => {
      for (const uploadFile of [true, false]) {
        const app = createTestApp({ lookups: scriptLookups(), uploadFile });
        await request(app)
          .options(root)
          .expect(200, { upload_file: uploadFile })
          .expect("Content-Type", json);
      }
    });

    test("POST gives the artifact on as it was received", async () => {
      const lookups = scriptLookups({ submit: () => finished([hit]) });
      const sourceText = '{ "value":"192.0.2.1", "type":"net.ip", "more":1 }';
      const post = request(createTestApp({ lookups })).post(root).type("json").send(sourceText);
      await post.expect(200, { id: "id-1", hits: [wireHit] }).expect("Content-Type", json);
      expect(lookups.submissions).toEqual([{ sourceText, artifact }]);
    });

    test("GET asks for a look-up", async () => {
      const lookups = scriptLookups();
      const path = `${root.replace(/\/$/, "")}/some-id`;
      await request(createTestApp({ lookups })).get(path).expect(200, { id: "id-1", hits: [] });
      await request(createTestApp({ lookups })).get(`${path}/`).expect(200);
      expect(lookups.polls).toEqual(["some-id", "some-id"]);
    });

    test("GET may spell an id in capitals; what is no id stays as it is", async () => {
      const lookups = scriptLookups();
      const app = createTestApp({ lookups });
      const issued = "be83617d-e0d7-5e39-bca2-7248e347cff1";
      const others = ["Some-Id", "BE83617D", `${issued}A`];
      for (const asked of [issued, issued.toUpperCase(), issued.replace("be83617d", "bE83617D"), ...others]) {
        await request(app)
          .get(`${root.replace(/\/$/, "")}/${asked}`)
          .expect(200);
      }
      expect(lookups.polls).toEqual([issued, issued, issued, ...others]);
    });
  },
);

test.each([
  ["finished", finished([hit]), 200, { id: "id-1", hits: [wireHit] }],
  ["pending", pending, 303, { id, hits: [wireHit], retry_secs: 5 }],
  ["failed", failed, 503, { id, hits: [], error: "TruSTAR could not be asked" }],
])("%s answers POST and GET alike", async (_state, answer, status, body) => {
  const lookups = scriptLookups({ submit: () => answer, poll: () => answer });
  const app = createTestApp({ lookups });
  const post = await request(app).post("/cts/trustar").redirects(0).send(artifact);
  const get = await request(app).get("/cts/trustar/x").redirects(0);
  for (const response of [post, get]) {
    expect(response.status).toBe(status);
    expect(response.body).toEqual(body);
    expect(response.headers["content-type"]).toBe(json);
    expect(response.headers).not.toHaveProperty("location");
    expect(response.headers).not.toHaveProperty("etag");
    expect(response.headers).not.toHaveProperty("x-powered-by");
    expect(response.headers["x-content-type-options"]).toBe("nosniff");
  }
});

test("a conditional GET never gets a 304, which would mean: ask again", async () => {
  const app = createTestApp({ lookups: scriptLookups() });
  await request(app).get("/cts/trustar/x").set("If-None-Match", "*").expect(200);
});

test.each([
  ["get", "/cts/trustar", "OPTIONS, POST"],
  ["head", "/cts/trustar/", "OPTIONS, POST"],
  ["put", "/cts/trustar", "OPTIONS, POST"],
  ["delete", "/cts/trustar", "OPTIONS, POST"],
  ["head", "/cts/trustar/x", "GET"],
  ["post", "/cts/trustar/x", "GET"],
  ["options", "/cts/trustar/x", "GET"],
  ["delete", "/cts/trustar/x", "GET"],
  ["post", "/health", "GET, HEAD"],
  ["options", "/ready", "GET, HEAD"],
  ["delete", "/metrics", "GET, HEAD"],
] as const)("%s %s is refused and never counts as a poll", async (method, path, allow) => {
  const lookups = scriptLookups();
  const response = await request(createTestApp({ lookups }))[method](path).expect(405).expect("Allow", allow);
  if (method !== "head") {
    const error = `method: ${method.toUpperCase()} is not possible here, only ${allow}`;
    expect(response.body).toEqual({ id: null, hits: [], error });
  }
  expect(lookups.polls).toEqual([]);
});

test.each(["/cts/trustar/a/b", "/cts", "/cts/other", "/cts/trustarx", "/nowhere"])(
  "%s is a 404",
  async (path) => {
    const response = await request(createTestApp({ lookups: scriptLookups() }))
      .get(path)
      .expect(404);
    expect(response.body).toEqual({ id: null, hits: [], error: "path: there is nothing at this address" });
    expect(response.headers["content-type"]).toBe(json);
  },
);

test("the root of the server says what it is", async () => {
  const app = createTestApp({ lookups: scriptLookups() });
  await request(app).get("/").expect(200, { name: "trustar-resilient threat service" });
});

test("the base path is text, not a pattern", async () => {
  const app = createTestApp({ lookups: scriptLookups() }, { urlBase: "/threats(v1)/:team" });
  await request(app).get("/threats(v1)/:team/trustar/x").expect(200);
  await request(app).get("/threats(v1)/blue/trustar/x").expect(404);
});

test("without a threat service its paths send the platform back, and say why", async () => {
  const app = createTestApp({ lookups: scriptLookups() }, { threatService: undefined } as object);
  const answer = await request(app).get("/cts/trustar/x").expect(503);
  expect(answer.body).toMatchObject({ hits: [], error: expect.stringContaining("does not run here") });
  await request(app).get("/health").expect(200);
});

test.each([
  [new InvalidArtifactError("value: can't be identified"), 400, "value: can't be identified"],
  [new PayloadTooLargeError("body: more than 10 bytes"), 413, "body: more than 10 bytes"],
  [new OverloadedError("the queue is full"), 503, "the queue is full"],
  [new HttpProblem("not_found", 404, "no such thing"), 404, "no such thing"],
  [new TypeError("x is not a function"), 503, "internal error"],
  [new URIError("a bug of ours"), 503, "internal error"],
  [Object.assign(new Error("upstream said no"), { status: 404, statusCode: 404 }), 503, "internal error"],
])("%s becomes its status", async (error, status, text) => {
  const lookups = scriptLookups({ submit: () => Promise.reject(error), poll: throws(error) });
  const app = createTestApp({ lookups });
  const post = await request(app).post("/cts/trustar").send(artifact).expect(status);
  const get = await request(app).get("/cts/trustar/x").expect(status);
  expect([post.body, get.body]).toEqual(Array(2).fill({ id: null, hits: [], error: text }));
  expect(post.headers["retry-after"]).toBe(error instanceof OverloadedError ? "30" : undefined);
});

function throws(error: Error): () => never {
  return () => {
    throw error;
  };
}

test("what isn't even an error is a 503 too", async () => {
  // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
  const lookups = scriptLookups({ submit: () => Promise.reject("just a text") });
  await request(createTestApp({ lookups })).post("/cts/trustar").send(artifact).expect(503);
});

test("an unexpected error is told to the log, without what an HTTP client hangs on it", async () => {
  const capture = createLogCapture();
  const cause = Object.assign(new Error("socket hang up"), {
    config: { headers: { Authorization: "Bearer token" } },
  });
  const lookups = scriptLookups({ poll: throws(new TypeError("x is not a function", { cause })) });
  await request(createTestApp({ lookups }, { log: capture.log }))
    .get("/cts/trustar/x")
    .set("X-Request-Id", "req-1");
  const [line] = capture.lines().filter(({ level }) => level === 50);
  expect(line).toMatchObject({ name: "http", reqId: "req-1", msg: "request failed unexpectedly" });
  expect(line?.error).toMatch(/TypeError: x is not a function[\s\S]*caused by Error: socket hang up/);
  expect(capture.text()).not.toContain("Bearer");
});

test("outside the look-up paths an unexpected error is a 500", async () => {
  const metrics = { render: () => Promise.reject(new Error("registry broke")) };
  const response = await request(createTestApp({ lookups: scriptLookups() }, { metrics }))
    .get("/metrics")
    .expect(500);
  expect(response.body).toEqual({ id: null, hits: [], error: "internal error" });
});

test("an id that can't be decoded is the client's mistake", async () => {
  const lookups = scriptLookups();
  await using app = await listenOn(createTestApp({ lookups }));
  const answer = await sendRaw(
    app.port,
    "GET /cts/trustar/%E0%A4%A HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
  );
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  expect(answer).toContain('"error":"path: malformed %-escape"');
  expect(lookups.polls).toEqual([]);
});

test("an absolute address on the request line works as well", async () => {
  await using app = await listenOn(createTestApp({ lookups: scriptLookups() }));
  const answer = await sendRaw(
    app.port,
    "GET http://soar.example:9000/cts/trustar/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
  );
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
});

test.each(["OPTIONS *", "GET //", "GET /cts/trustar/%00/../..", "GET /%zz"])(
  "%s is answered in the usual shape",
  async (requestLine) => {
    await using app = await listenOn(createTestApp({ lookups: scriptLookups() }));
    const answer = await sendRaw(app.port, `${requestLine} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 (404|400|405|200) [\s\S]*application\/json/);
  },
);
