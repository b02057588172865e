import { bindHttpServer, type HttpServer } from "../../src/app/http-server.js";
import { createTestApp, finished, scriptLookups } from "../support/http-fixture.js";
import { createLogCapture } from "../support/log-capture.js";

const capture = createLogCapture();
let running: HttpServer[] = [];

afterEach(async () => {
  await Promise.all(running.map((server) => server.stop(0)));
  running = [];
});

/** The app on a server of its own, and the prototypes of what it has met, before Express had it and after. */
async function serveApp(): Promise<{ readonly server: HttpServer; readonly met: object[][] }> {
  const server = await bindHttpServer({ host: "127.0.0.1", port: 0, log: capture.log });
  running.push(server);
  const app = createTestApp(
    { lookups: scriptLookups({ poll: () => finished() }) },
    { exchange: server.exchange },
  );
  const met: object[][] = [];
  server.serve((req, res) => {
    const meet = (): void => {
      met.push([req, res].map((object) => Object.getPrototypeOf(object) as object));
    };
    meet();
    app(req, res);
    meet();
  });
  return { server, met };
}

const statusOf = async ({ url }: HttpServer, path: string, method = "GET"): Promise<number> =>
  (await fetch(`${url}${path}`, { method })).status;

test("Express changes no request and no answer of its server", async () => {
  const { server, met } = await serveApp();
  expect(await statusOf(server, "/cts/trustar/some-id")).toBe(200);
  expect(await statusOf(server, "/nowhere")).toBe(404);
  const { IncomingMessage, ServerResponse } = server.exchange;
  const own = [IncomingMessage.prototype, ServerResponse.prototype];
  expect(met).toHaveLength(4);
  met.flat().forEach((prototype, at) => {
    expect(prototype).toBe(own[at % 2]);
  });
});

test("two applications in one process each have their own", async () => {
  const [one, other] = [await serveApp(), await serveApp()];
  expect(await statusOf(one.server, "/cts/trustar", "OPTIONS")).toBe(200);
  expect(await statusOf(other.server, "/cts/trustar", "OPTIONS")).toBe(200);
  const appOf = ({ server }: typeof one): unknown =>
    (server.exchange.IncomingMessage.prototype as unknown as { readonly app: unknown }).app;
  expect(appOf(one)).toBeDefined();
  expect(appOf(one)).not.toBe(appOf(other));
});
