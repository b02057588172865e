import request from "supertest";
import type { ReadinessCheck } from "../../src/core/ports.js";
import { createFakeClock } from "../support/fake-clock.js";
import { createTestApp, scriptLookups } from "../support/http-fixture.js";

function setUp(...checks: readonly ReadinessCheck[]) {
  const clock = createFakeClock();
  const shutdown = new AbortController();
  const health = { version: "2.0.0", clock, checks, shuttingDown: shutdown.signal };
  return { app: createTestApp({ lookups: scriptLookups() }, { health }), clock, shutdown };
}

const json = "application/json; charset=utf-8";

test("/health says that the process lives, and since when", async () => {
  const { app, clock } = setUp();
  clock.advance(61_999);
  await request(app)
    .get("/health")
    .expect(200, { status: "ok", version: "2.0.0", uptime_secs: 61 })
    .expect("Content-Type", json);
});

test("/ready names what isn't", async () => {
  const { app } = setUp(
    { name: "trustar", problem: () => Promise.resolve("the API key was refused") },
    { name: "stomp", problem: () => Promise.resolve(undefined) },
  );
  await request(app)
    .get("/ready")
    .expect(503, {
      ready: false,
      checks: { trustar: { ok: false, problem: "the API key was refused" }, stomp: { ok: true } },
    })
    .expect("Content-Type", json);
});

test("/ready is 200 when all is well", async () => {
  const { app } = setUp({ name: "trustar", problem: () => Promise.resolve(undefined) });
  await request(app)
    .get("/ready")
    .expect(200, { ready: true, checks: { trustar: { ok: true } } });
});

test("hammering a /ready that says no asks upstream no more than the check allows", async () => {
  let asked = 0;
  const problem = (): Promise<string> => Promise.resolve(`no, for the ${++asked}th time`);
  const { app, clock } = setUp({ name: "trustar", noStandsMs: 20_000, problem });
  await Promise.all(Array.from({ length: 5 }, () => request(app).get("/ready").expect(503)));
  await request(app).get("/ready").expect(503);
  expect(asked).toBe(1);
  clock.advance(20_000);
  await request(app).get("/ready").expect(503);
  expect(asked).toBe(2);
});

test("while it stops it isn't ready, but alive", async () => {
  const { app, shutdown } = setUp({ name: "trustar", problem: () => Promise.resolve(undefined) });
  shutdown.abort();
  const response = await request(app).get("/ready").expect(503);
  expect(response.body).toEqual({
    ready: false,
    checks: { shutdown: { ok: false, problem: "the program is shutting down" } },
  });
  await request(app).get("/health").expect(200);
});

test("/metrics gives what the registry renders", async () => {
  await request(setUp().app)
    .get("/metrics")
    .expect(200, "up 1\n")
    .expect("Content-Type", "text/plain; version=0.0.4");
});

test.each(["/health", "/ready", "/metrics"])("HEAD %s is GET without a body", async (path) => {
  const { app } = setUp();
  const get = await request(app).get(path).expect(200);
  const head = await request(app).head(path).expect(200);
  expect(head.text).toBeUndefined();
  expect(head.headers["content-length"]).toBe(get.headers["content-length"]);
});
