import { ProxyTunnel } from "../../services/http/proxy-tunnel.js";
import type { BrokerEndpoint } from "../../services/stomp/link-options.js";
import type { ProxyServer } from "../../src/core/proxy.js";
import { Secret } from "../../src/core/secret.js";
import { startHttpProxy, type HttpProxy } from "../support/http-proxy.js";
import { done, eventually, freshQueue, linkOptions, startLink } from "../support/link-harness.js";
import { replyQueueOf } from "../support/platform-client.js";
import { BROKER_START_MS, startTestBroker, type TestBroker } from "../support/test-broker.js";

const host = "broker.test";
let broker: TestBroker;
let proxy: HttpProxy;

beforeAll(async () => {
  broker = await startTestBroker({ host });
}, BROKER_START_MS);
afterAll(() => broker.close());

beforeEach(async () => {
  proxy = await startHttpProxy({ hosts: [host], login: "soc:right" });
});
afterEach(() => proxy.close());

/** Only the proxy knows the broker's name. */
function endpoint(password: string): BrokerEndpoint {
  const server: ProxyServer = {
    scheme: "http",
    host: "127.0.0.1",
    port: proxy.port,
    credentials: { user: "soc", password: new Secret(password) },
    setBy: "[resilient] proxy_host",
    loginSetBy: "proxy_user and proxy_password in [resilient]",
  };
  const tunnel = new ProxyTunnel({ proxy: server });
  return {
    host,
    port: broker.tlsPort,
    tls: { ca: broker.ca },
    openTunnel: (address, signal) => tunnel.open(address, signal),
  };
}

async function problemOf(at: BrokerEndpoint): Promise<string> {
  await using running = startLink(linkOptions(0, freshQueue(), { endpoint: at }), () => Promise.resolve());
  await eventually(() => !(running.link.problem() ?? "Connecting").startsWith("Connecting"));
  return running.link.problem() ?? "";
}

describe("the link through a proxy", () => {
  it("answers, and comes back when the proxy has cut it", async () => {
    const queue = freshQueue();
    const platform = await broker.platform([replyQueueOf(queue)]);
    await using running = startLink(linkOptions(0, queue, { endpoint: endpoint("right") }), (delivery) =>
      delivery.settle(done("through")),
    );
    await running.ready();
    await platform.post({ queue, body: { n: 1 }, correlationId: "invid:1" });
    expect((await platform.replyTo("invid:1")).message).toBe("through");
    proxy.cut();
    await platform.post({ queue, body: { n: 2 }, correlationId: "invid:2" });
    expect((await platform.replyTo("invid:2")).message).toBe("through");
    expect(new Set(proxy.asked.map(({ target }) => target))).toEqual(new Set([`${host}:${broker.tlsPort}`]));
    expect(proxy.asked.length).toBeGreaterThan(1);
    platform.close();
  });

  it("tells that it is the proxy that refuses, and where its log-in is set", async () => {
    expect(await problemOf(endpoint("wrong"))).toBe(
      `The proxy 127.0.0.1:${proxy.port} on the way to ${host}:${broker.tlsPort} does not accept the user name and ` +
        "password (407): check proxy_user and proxy_password in [resilient].",
    );
    proxy.refuseWith(403);
    expect(await problemOf(endpoint("right"))).toMatch(
      /refuses connections to broker\.test:\d+ \(403\): allow CONNECT/,
    );
  });

  it("tells that the proxy is down", async () => {
    const at = endpoint("right");
    await proxy.close();
    expect(await problemOf(at)).toMatch(
      /^The proxy 127\.0\.0\.1:\d+ on the way to broker\.test:\d+ refuses connections/,
    );
  });
});
