import request from "supertest";
import { Secret } from "../../src/core/secret.js";
import { createFakeClock } from "../support/fake-clock.js";
import {
  artifactPart,
  BOUNDARY,
  createTestApp,
  listenOn,
  multipart,
  scriptLookups,
  sendRaw,
} from "../support/http-fixture.js";

const credentials = { user: "soar", password: new Secret("s3:cret") };
const artifact = { type: "net.ip", value: "192.0.2.1" };
const refusal = { id: null, hits: [], error: "authorization: user or password missing or wrong" };

test("with credentials set, only who has them may ask", async () => {
  const lookups = scriptLookups();
  const app = createTestApp({ lookups, credentials });
  for (const root of ["/cts/trustar", "/cts/trustar_cts/"]) {
    for (const call of [request(app).post(root).send(artifact), request(app).get(`${root}/x`)]) {
      const response = await call.expect(401, refusal);
      expect(response.headers["www-authenticate"]).toBe('Basic realm="trustar-resilient", charset="UTF-8"');
    }
    await request(app).post(root).auth("soar", "wrong").send(artifact).expect(401, refusal);
  }
  expect([lookups.submissions, lookups.polls]).toEqual([[], []]);

  await request(app).post("/cts/trustar").auth("soar", "s3:cret").send(artifact).expect(200);
  await request(app).get("/cts/trustar/x").auth("soar", "s3:cret").expect(200);
});

test("the capability query and the probes need none", async () => {
  const app = createTestApp({ lookups: scriptLookups(), credentials });
  await request(app).options("/cts/trustar").expect(200, { upload_file: false });
  await request(app).get("/health").expect(200);
  await request(app).get("/ready").expect(200);
  await request(app).get("/metrics").expect(200);
});

test("without credentials set, everybody may ask, also who sends some", async () => {
  const app = createTestApp({ lookups: scriptLookups() });
  await request(app).post("/cts/trustar").send(artifact).expect(200);
  await request(app).post("/cts/trustar").auth("any", "body").send(artifact).expect(200);
});

test("a stranger who is still uploading gets the 401, and the upload isn't looked at", async () => {
  const lookups = scriptLookups();
  await using app = await listenOn(createTestApp({ lookups, credentials, uploadFile: true }));
  const body = multipart(artifactPart(JSON.stringify(artifact).padEnd(3_000_000)));
  const answer = await sendRaw(
    app.port,
    `POST /cts/trustar HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: multipart/form-data; boundary=${BOUNDARY}\r\nContent-Length: ${body.length}\r\n\r\n`,
    body,
  );
  expect(answer).toMatch(/^HTTP\/1\.1 401 /);
  expect(lookups.submissions).toEqual([]);
});

test("who guesses too often is answered 503 for a minute, whatever is sent; a request without credentials is no guess", async () => {
  const clock = createFakeClock();
  const lookups = scriptLookups();
  const app = createTestApp({ lookups, credentials, maxWrongLogins: 2, clock });
  const root = "/cts/trustar";
  const guess = (password: string) => request(app).get(`${root}/x`).auth("soar", password);
  for (let n = 0; n < 5; n += 1) await request(app).get(`${root}/x`).expect(401);
  await guess("one").expect(401);
  await guess("two").expect(401);
  const refused = await guess("s3:cret").expect(503);
  expect(refused.headers["retry-after"]).toBe("60");
  expect(refused.body).toMatchObject({
    id: null,
    hits: [],
    error: expect.stringContaining("too many wrong"),
  });
  expect(lookups.polls).toEqual([]);
  clock.advance(60_001);
  await guess("s3:cret").expect(200);
});
