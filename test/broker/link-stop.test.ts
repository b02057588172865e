import { beforeEachBrokerScene } from "../support/broker-scene.js";
import { RawStompClient } from "../support/raw-stomp-client.js";
import { workerUser } from "../support/broker-users.js";
import type { FaultProxy } from "../support/fault-proxy.js";
import { done, eventually, Inbox, linkOptions, startLink } from "../support/link-harness.js";
import type { PlatformClient } from "../support/platform-client.js";
import type { TestBroker } from "../support/test-broker.js";

let broker: TestBroker;
let proxy: FaultProxy;
let queue: string;
let platform: PlatformClient;

beforeEachBrokerScene((scene, started) => {
  ({ proxy, queue, platform } = scene);
  broker = started;
});

describe("a link that is asked to stop", () => {
  it("lets work in flight finish and answer once, and starts nothing new", async () => {
    const inbox = new Inbox();
    const running = startLink(linkOptions(proxy.port, queue), async (delivery) => {
      await inbox.hold(delivery, AbortSignal.abort());
      await delivery.settle(done("finished while stopping"));
    });
    await running.ready();
    await platform.post({ queue, body: {}, correlationId: "invid:1" });
    await inbox.next();
    const stopped = running.stop();
    expect(running.link.problem()).toMatch(/is closed/);
    await platform.post({ queue, body: {}, correlationId: "invid:2" });
    inbox.release();
    await stopped;
    await running.ended;
    expect((await platform.replyTo("invid:1")).message).toBe("finished while stopping");
    expect(inbox.all).toHaveLength(1);
    await using next = startLink(linkOptions(proxy.port, queue), (delivery) =>
      delivery.settle(done("by the next")),
    );
    await next.ready();
    await platform.replyTo("invid:2");
    expect(platform.replies.map(({ message }) => message)).toEqual([
      "finished while stopping",
      "by the next",
    ]);
  });

  it("tells work that takes too long to stop, and leaves its message on the queue", async () => {
    const reasons: unknown[] = [];
    let begun = 0;
    const running = startLink(
      linkOptions(proxy.port, queue, { drainMs: 50 }),
      (_, signal) =>
        new Promise((resolve) => {
          begun++;
          signal.addEventListener("abort", () => {
            reasons.push(signal.reason);
            resolve();
          });
        }),
    );
    await running.ready();
    await platform.post({ queue, body: {}, correlationId: "invid:3" });
    await eventually(() => begun === 1);
    await running.stop();
    expect(reasons).toMatchObject([{ code: "delivery_lost" }]);
    await using next = startLink(linkOptions(proxy.port, queue), (delivery) =>
      delivery.settle(done("by the next")),
    );
    await next.ready();
    expect((await platform.replyTo("invid:3")).message).toBe("by the next");
  });

  it.each(["connected", "waiting to reconnect", "connecting"])(
    "ends at once while %s, and leaves nothing",
    async (when) => {
      const before = process.getActiveResourcesInfo().length;
      if (when !== "connected") proxy.refuse(when === "waiting to reconnect");
      if (when === "connecting") proxy.hang(true);
      // Whatever it waits for takes longer than this test may.
      const forever = 600_000;
      const backoff = { firstMs: forever, maxMs: forever, stableMs: 0 };
      const times = { backoff, connectTimeoutMs: forever, drainMs: forever, heartbeatMs: forever };
      const running = startLink(linkOptions(proxy.port, queue, times), () => Promise.resolve());
      if (when === "connected") await running.ready();
      else if (when === "connecting") await eventually(() => proxy.accepted === 1);
      else await eventually(() => running.link.problem() !== "Connecting to the message broker.");
      await running.stop();
      await eventually(() => process.getActiveResourcesInfo().length <= before);
    },
  );

  it("does not wait for ever for a broker that went silent", async () => {
    const options = linkOptions(proxy.port, queue, { heartbeatMs: 600_000 });
    const running = startLink(options, () => Promise.resolve());
    await running.ready();
    proxy.freeze();
    await running.stop();
  });

  it("never starts when it was stopped before", async () => {
    const running = startLink(linkOptions(proxy.port, queue), () => Promise.resolve());
    await running.stop();
    await running.ended;
    expect(proxy.accepted).toBeLessThan(2);
    await expect(running.ready()).rejects.toThrow(/is closed/);
  });
});

// Why the link does not unsubscribe before it stops. If this ever fails, that can be reconsidered.
it("a broker takes back what is being worked on when its subscription ends", async () => {
  const client = await RawStompClient.connect(broker.port, workerUser);
  await client.confirm("SUBSCRIBE", { destination: queue, id: "s", ack: "client-individual" });
  await platform.post({ queue, body: {}, correlationId: "invid:4" });
  const message = await client.next(({ command }) => command === "MESSAGE");
  await client.confirm("UNSUBSCRIBE", { id: "s" });
  await client.confirm("ACK", { id: message.headers["ack"] });
  await client.confirm("SUBSCRIBE", { destination: queue, id: "t", ack: "client-individual" });
  const again = await client.next(({ command }) => command === "MESSAGE");
  expect(again.headers["message-id"]).toBe(message.headers["message-id"]);
  client.close();
});
