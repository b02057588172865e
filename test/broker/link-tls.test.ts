import { beforeAllBroker } from "../support/broker-scene.js";
import net from "node:net";
import { createAuthority } from "../support/certificates.js";
import { done, eventually, freshQueue, linkOptions, startLink } from "../support/link-harness.js";
import { replyQueueOf } from "../support/platform-client.js";
import { freePort } from "../support/free-port.js";
import type { TestBroker } from "../support/test-broker.js";
import type { BrokerEndpoint } from "../../services/stomp/link-options.js";

let broker: TestBroker;

beforeAllBroker((started) => {
  broker = started;
});

async function answersOver(endpoint: BrokerEndpoint): Promise<void> {
  const queue = freshQueue();
  const platform = await broker.platform([replyQueueOf(queue)]);
  await using running = startLink(linkOptions(0, queue, { endpoint }), (delivery) =>
    delivery.settle(done("sealed")),
  );
  await running.ready();
  await platform.post({ queue, body: { long: "x".repeat(300_000) }, correlationId: "invid:1" });
  expect((await platform.replyTo("invid:1")).message).toBe("sealed");
  platform.close();
}

async function problemWith(endpoint: BrokerEndpoint, connectTimeoutMs = 30_000): Promise<string> {
  const options = linkOptions(0, freshQueue(), { endpoint, connectTimeoutMs });
  await using running = startLink(options, () => Promise.resolve());
  await eventually(() => !(running.link.problem() ?? "Connecting").startsWith("Connecting"));
  return running.link.problem() ?? "";
}

describe("STOMP over TLS", () => {
  it("works with a private authority, its certificate and host name checked", () =>
    answersOver({ host: "localhost", port: broker.tlsPort, tls: { ca: broker.ca } }));

  it("refuses a certificate of another authority, and says which setting helps", async () => {
    const other = await createAuthority("Somebody else");
    const problem = await problemWith({ host: "localhost", port: broker.tlsPort, tls: { ca: other.ca } });
    expect(problem).toMatch(/certificate that is not trusted .*stomp_cafile or cafile/);
  });

  it("refuses a private authority that nobody named", async () => {
    expect(await problemWith({ host: "localhost", port: broker.tlsPort, tls: {} })).toMatch(/is not trusted/);
  });

  it("refuses a certificate for another name", async () => {
    const problem = await problemWith({ host: "127.0.0.1", port: broker.tlsPort, tls: { ca: broker.ca } });
    expect(problem).toMatch(/certificate for another name.*stomp_host/);
  });

  it("takes any certificate only when told to in so many words", () =>
    answersOver({ host: "127.0.0.1", port: broker.tlsPort, tls: { rejectUnauthorized: false } }));

  it("does not hang on a port that speaks no TLS", async () => {
    const problem = await problemWith({ host: "localhost", port: broker.port, tls: { ca: broker.ca } }, 300);
    expect(problem).toMatch(/did not answer|closed|failed/);
  });

  it("runs inside a tunnel that somebody else opens, still checking the broker's name", async () => {
    const opened: net.Socket[] = [];
    const openTunnel = () =>
      new Promise<net.Socket>((resolve, reject) => {
        const tunnel = net.connect(broker.tlsPort, "127.0.0.1", () => {
          resolve(tunnel);
        });
        tunnel.once("error", reject);
        opened.push(tunnel);
      });
    await answersOver({ host: "localhost", port: 1, tls: { ca: broker.ca }, openTunnel });
    await eventually(() => opened.every((tunnel) => tunnel.destroyed));
    const wrongName = { host: "not.the.broker", port: 1, tls: { ca: broker.ca }, openTunnel };
    expect(await problemWith(wrongName)).toMatch(/certificate for another name/);
  });

  it("reports a tunnel that can't be opened", async () => {
    const openTunnel = () => Promise.reject(new Error("The proxy wants credentials"));
    const problem = await problemWith({ host: "localhost", port: 1, tls: {}, openTunnel });
    expect(problem).toMatch(/The proxy wants credentials/);
  });

  it("says what to do when nobody listens or the name does not exist", async () => {
    const closedPort = await freePort();
    expect(await problemWith({ host: "127.0.0.1", port: closedPort, tls: "off" })).toMatch(
      /refuses connections.*stomp_port/,
    );
    expect(await problemWith({ host: "no.such.host.invalid", port: 1, tls: {} })).toMatch(
      /can't be resolved.*stomp_host/,
    );
  });
});
