import { bindHttpServer, type HttpServer } from "../../src/app/http-server.js";
import { createFakeClock, type FakeClock } from "../support/fake-clock.js";
import { createTestApp } from "../support/http-fixture.js";
import { buildEngine, createMemorySource } from "../support/lookup-fixtures.js";
import { createLogCapture, type LogCapture } from "../support/log-capture.js";
import type { RawAnswer } from "./raw-exchange.js";

/** In every value that is sent, and so in no line of the log. */
export const canary = "c4nary";
export const knownBad = `${canary}.bad.example`;
export const urlBase = "/cts";

export interface ServiceUnderTest extends AsyncDisposable {
  readonly server: HttpServer;
  readonly clock: FakeClock;
  readonly capture: LogCapture;
}

/** The whole service on a real port; only TruSTAR is in memory. It has few places, so that what leaks shows. */
export async function startServiceUnderTest(uploadFile: boolean): Promise<ServiceUnderTest> {
  const source = createMemorySource();
  source.know(knownBad, 3);
  const clock = createFakeClock();
  const capture = createLogCapture("info");
  const { engine } = buildEngine({ source, clock, cacheSize: 50, maxRunning: 50, answerWithinMs: 10_000 });
  const server = await bindHttpServer({ host: "127.0.0.1", port: 0, log: capture.log, maxConnections: 50 });
  const app = createTestApp(
    { lookups: engine, clock, uploadFile, maxBodyBytes: 8_000, maxUploadBytes: 20_000 },
    { log: capture.log, urlBase, exchange: server.exchange },
  );
  server.serve(app);
  return {
    server,
    clock,
    capture,
    [Symbol.asyncDispose]: async () => {
      engine.close();
      await server.stop(0);
    },
  };
}

export interface WireBody {
  readonly id: string | null;
  readonly hits: readonly unknown[];
  readonly retry_secs?: number;
  readonly error?: string;
}

/** @returns the body, which has the shape that is documented for this status; fails when it has not */
export function judged({ status, headers, body }: RawAnswer): WireBody {
  const json = JSON.parse(body) as WireBody;
  expect(headers.get("content-type")).toBe("application/json; charset=utf-8");
  expect(headers.has("location")).toBe(false);
  expect(Array.isArray(json.hits)).toBe(true);
  expect([...headers.keys()].filter((name) => name.startsWith("set-"))).toEqual([]);
  if (status === 200) expect(typeof json.id).toBe("string");
  else if (status === 303) {
    expect(typeof json.id).toBe("string");
    expect(json.retry_secs).toBeGreaterThan(0);
  } else {
    expect(json.hits).toEqual([]);
    expect(json.error).toMatch(/^\S.*/);
    expect(json.error).not.toContain(canary);
  }
  return json;
}
