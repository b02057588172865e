import { inspect } from "node:util";
import { resendRule } from "../../services/resilient/resend.js";
import { UpstreamError } from "../../src/core/errors.js";
import type { ProxyServer } from "../../src/core/proxy.js";
import { Secret } from "../../src/core/secret.js";
import { startHttpProxy, type HttpProxy } from "../support/http-proxy.js";
import { until } from "../support/lookup-fixtures.js";
import { aClient, captureLog, failureOf, never } from "../support/resilient-fixture.js";
import { createCertificate } from "../support/resilient-simulator/certificate.js";
import {
  startResilientSimulator,
  type ResilientSimulator,
} from "../support/resilient-simulator/resilient-simulator.js";

const host = "soar.test";
let simulator: ResilientSimulator;
let proxy: HttpProxy;
let baseUrl: string;

beforeAll(async () => {
  simulator = await startResilientSimulator({ tls: await createCertificate([{ type: 2, value: host }]) });
  baseUrl = `https://${host}:${simulator.port}`;
});
afterAll(() => simulator.close());
beforeEach(async () => {
  proxy = await startHttpProxy({ hosts: [host], login: "soc:right" });
  simulator.calls.clear();
});
afterEach(() => proxy.close());

function through(password: string): ProxyServer {
  return {
    scheme: "http",
    host: "127.0.0.1",
    port: proxy.port,
    credentials: { user: "soc", password: new Secret(password) },
    setBy: "[resilient] proxy_host",
    loginSetBy: "proxy_user and proxy_password in [resilient]",
  };
}

test("every call goes through the proxy, on kept connections", async () => {
  using client = aClient(simulator, { baseUrl, proxy: through("right") });
  await expect(client.connect(never)).resolves.toMatchObject({ id: 201 });
  await client.getIncident(simulator.seedIncident().dto.id, never);
  expect(proxy.asked).toEqual([{ target: `${host}:${simulator.port}`, login: "soc:right", status: 200 }]);
});

test("a refused log-in is not tried again, and names the proxy", async () => {
  const log = captureLog();
  using client = aClient(simulator, { baseUrl, proxy: through("hunter2"), log });
  const error = await failureOf(client.connect(never));
  expect(error).toBeInstanceOf(UpstreamError);
  expect(error).toMatchObject({ code: "proxy_refused", retryable: false });
  expect(error.message).toMatch(
    /^Could not log in with the API key: The proxy 127\.0\.0\.1:\d+ on the way to soar\.test:\d+ does not accept the user name and password \(407\): check proxy_user/,
  );
  expect(proxy.asked).toHaveLength(1);
  for (const secret of ["hunter2", simulator.apiKey.secret]) {
    expect(inspect(error, { depth: 9 }) + JSON.stringify(log.lines)).not.toContain(secret);
  }
});

test("a proxy that can't reach it for a moment is asked again", async () => {
  using client = aClient(simulator, { baseUrl, proxy: through("right") });
  proxy.refuseWith(503);
  const connecting = client.connect(never);
  await until(() => proxy.asked.length > 0, "the first CONNECT");
  proxy.refuseWith(undefined);
  await expect(connecting).resolves.toMatchObject({ id: 201 });
});

test("what failed at the proxy has reached nobody, so even a POST may go again; a refusal stays one", () => {
  expect(resendRule(new UpstreamError("proxy_unreachable", "down"))).toBe("any");
  expect(resendRule(new UpstreamError("proxy_refused", "407"))).toBe("never");
});
