import { beforeEachBrokerScene } from "../support/broker-scene.js";
import type { FaultProxy } from "../support/fault-proxy.js";
import { done, eventually, freshQueue, Inbox, linkOptions, startLink } from "../support/link-harness.js";
import { type PlatformClient, replyQueueOf } from "../support/platform-client.js";
import { BROKER_START_MS, type TestBroker } from "../support/test-broker.js";

let broker: TestBroker;
let proxy: FaultProxy;
let queue: string;
let platform: PlatformClient;

beforeEachBrokerScene((scene, started) => {
  ({ proxy, queue, platform } = scene);
  broker = started;
});

describe("when the connection is cut", () => {
  it("gets work in flight again under the same id, and the old delivery can't be settled any more", async () => {
    const inbox = new Inbox();
    await using running = startLink(linkOptions(proxy.port, queue), inbox.hold);
    await running.ready();
    await platform.post({ queue, body: {}, correlationId: "invid:1" });
    const first = await inbox.next();
    proxy.cut();
    const second = await inbox.next();
    expect(second).toMatchObject({ messageId: first.messageId, redelivered: true, correlationId: "invid:1" });
    await expect(first.settle(done("too late"))).rejects.toMatchObject({
      code: "delivery_lost",
      retryable: true,
    });
    await second.settle(done("in time"));
    await platform.replyTo("invid:1");
    expect(platform.replies.map(({ message }) => message)).toEqual(["in time"]);
    inbox.release();
  });

  it("loses no progress message but its own, and says what is wrong until it is back", async () => {
    const inbox = new Inbox();
    await using running = startLink(linkOptions(proxy.port, queue), inbox.hold);
    await running.ready();
    await platform.post({ queue, body: {}, correlationId: "invid:2" });
    const delivery = await inbox.next();
    proxy.refuse(true);
    proxy.cut();
    await eventually(() => running.link.problem() !== undefined);
    expect(running.link.problem()).toMatch(/closed the connection|failed/);
    delivery.progress("nobody hears this");
    proxy.refuse(false);
    await running.ready();
    (await inbox.next()).progress("back again");
    await platform.until((replies) => replies.length > 0);
    expect(platform.replies.map(({ message }) => message)).toEqual(["back again"]);
    inbox.release();
  });

  it("restores every subscription, again and again", async () => {
    const queues = [queue, freshQueue()];
    const seen: string[] = [];
    const options = linkOptions(proxy.port, queue, { destinations: queues });
    await using running = startLink(options, async (delivery) => {
      await delivery.settle(undefined);
      seen.push(delivery.correlationId ?? "");
    });
    for (let round = 0; round < 5; round++) {
      await running.ready();
      for (const name of queues) {
        await platform.post({ queue: name, body: {}, correlationId: `${round} ${name}` });
      }
      await eventually(() => queues.every((name) => seen.includes(`${round} ${name}`)));
      const before = proxy.accepted;
      proxy.cut();
      await eventually(() => proxy.accepted > before);
    }
    expect(seen).toHaveLength(10);
  });
});

describe("a transaction that is cut in two", () => {
  it.each(["SEND\n", "ACK\n", "COMMIT\n"])(
    "leaves no reply and the message on the queue: before %j",
    async (frame) => {
      const inbox = new Inbox();
      await using running = startLink(linkOptions(proxy.port, queue), inbox.hold);
      await running.ready();
      await platform.post({ queue, body: {}, correlationId: "invid:3" });
      const first = await inbox.next();
      const cut = proxy.cutBefore("client", frame);
      await expect(first.settle(done("half"))).rejects.toMatchObject({ code: "delivery_lost" });
      await cut;
      const second = await inbox.next();
      expect(second.messageId).toBe(first.messageId);
      await second.settle(done("whole"));
      await platform.replyTo("invid:3");
      expect(platform.replies.map(({ message }) => message)).toEqual(["whole"]);
      inbox.release();
    },
  );

  it("was done when only the receipt is lost: settle rejects, and the message does not come back", async () => {
    const inbox = new Inbox();
    await using running = startLink(linkOptions(proxy.port, queue), inbox.hold);
    await running.ready();
    await platform.post({ queue, body: {}, correlationId: "invid:4" });
    const delivery = await inbox.next();
    const cut = proxy.cutBefore("broker", "RECEIPT\n");
    await expect(delivery.settle(done("heard"))).rejects.toMatchObject({ code: "delivery_lost" });
    await cut;
    expect((await platform.replyTo("invid:4")).message).toBe("heard");
    await running.ready();
    await expect(inbox.next(200)).rejects.toThrow("Only 1");
    inbox.release();
  });

  it("is refused as a whole when the answer may not be sent there", async () => {
    const inbox = new Inbox();
    await using running = startLink(linkOptions(proxy.port, queue), inbox.hold);
    await running.ready();
    await platform.post({ queue, body: {}, correlationId: "invid:5", replyTo: "/queue/elsewhere" });
    const first = await inbox.next();
    await expect(first.settle(done("for nobody"))).rejects.toMatchObject({ code: "reply_refused" });
    const second = await inbox.next();
    expect(second.messageId).toBe(first.messageId);
    await second.settle(undefined);
    await platform.post({ queue, body: {}, correlationId: "invid:6" });
    expect((await inbox.next()).correlationId).toBe("invid:6");
    inbox.release();
  });
});

describe("a connection that is there but dead", () => {
  it("is noticed by the missing heart-beat and replaced", async () => {
    const inbox = new Inbox();
    await using running = startLink(linkOptions(proxy.port, queue, { heartbeatMs: 500 }), inbox.hold);
    await running.ready();
    const before = proxy.accepted;
    proxy.freeze();
    await eventually(() => running.link.problem() === "The message broker was silent for more than 1.25 s.");
    await eventually(() => proxy.accepted > before);
    await running.ready();
    await platform.post({ queue, body: {}, correlationId: "invid:7" });
    expect((await inbox.next()).correlationId).toBe("invid:7");
    inbox.release();
  });

  it("is not suspected while nothing but heart-beats passes, by either side", async () => {
    await using running = startLink(linkOptions(proxy.port, queue, { heartbeatMs: 2_000 }), () =>
      Promise.resolve(),
    );
    await running.ready();
    // As many beats as it takes to be suspected: three and a half of the broker's, six halves of ours.
    const { broker: theirs, client: ours } = proxy.beats;
    await eventually(() => proxy.beats.broker >= theirs + 4 && proxy.beats.client >= ours + 6, 60_000);
    expect(running.link.problem()).toBeUndefined();
    expect(proxy.accepted).toBe(1);
  });

  it.each(["NONSENSE\n\n\0", "MESSAGE\nsubscription:x\n\nno ids\0"])(
    "is replaced when it says %j",
    async (bytes) => {
      await using running = startLink(linkOptions(proxy.port, queue), () => Promise.resolve());
      await running.ready();
      proxy.inject(bytes);
      await eventually(() => proxy.accepted === 2);
      await running.ready();
    },
  );

  it("gives up connecting after the time allowed, and tries again", async () => {
    const options = linkOptions(proxy.port, queue, { connectTimeoutMs: 2_000 });
    proxy.hang(true);
    await using running = startLink(options, () => Promise.resolve());
    await eventually(() => /did not answer within 2 s/.test(running.link.problem() ?? ""));
    proxy.hang(false);
    await running.ready();
  });
});

describe("a broker that dies", () => {
  it(
    "keeps what was not acknowledged, and the link finds it again on the same port",
    async () => {
      const inbox = new Inbox();
      // Nobody reads its reply queue before the crash: the answer, too, must survive.
      queue = freshQueue();
      await using running = startLink(linkOptions(broker.port, queue), inbox.hold);
      await running.ready();
      await platform.post({ queue, body: {}, correlationId: "invid:8" });
      await platform.post({ queue, body: {}, correlationId: "invid:9" });
      platform.close();
      const [answered, open] = [await inbox.next(), await inbox.next()];
      await answered.settle(done("before the crash"));
      await broker.kill();
      await eventually(() => running.link.problem() !== undefined);
      await broker.restart();
      await running.ready();
      platform = await broker.platform([replyQueueOf(queue)]);
      expect((await platform.replyTo("invid:8")).message).toBe("before the crash");
      const again = await inbox.next();
      expect(again).toMatchObject({ messageId: open.messageId, correlationId: "invid:9" });
      await again.settle(done("after the crash"));
      await platform.replyTo("invid:9");
      expect(platform.finalReplies).toHaveLength(2);
      inbox.release();
    },
    BROKER_START_MS,
  );
});
