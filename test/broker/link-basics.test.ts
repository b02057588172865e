import { beforeAllBroker } from "../support/broker-scene.js";
import { replyQueueOf } from "../support/platform-client.js";
import type { PlatformClient } from "../support/platform-client.js";
import { strangerUser, workerUser } from "../support/broker-users.js";
import { credentialsOf, done, freshQueue, Inbox, linkOptions, startLink } from "../support/link-harness.js";
import type { TestBroker } from "../support/test-broker.js";

let broker: TestBroker;

beforeAllBroker((started) => {
  broker = started;
});

async function withPlatform(queue: string, use: (platform: PlatformClient) => Promise<void>): Promise<void> {
  const platform = await broker.platform([replyQueueOf(queue)]);
  try {
    await use(platform);
  } finally {
    platform.close();
  }
}

describe("a link to the broker", () => {
  it("hands on what the platform posted, and its answer comes back with the same correlation-id", async () => {
    const queue = freshQueue();
    const inbox = new Inbox();
    await withPlatform(queue, async (platform) => {
      await using running = startLink(linkOptions(broker.port, queue), inbox.hold);
      await running.ready();
      expect(running.link.problem()).toBeUndefined();
      await platform.post({
        queue,
        body: { action_id: 45 },
        correlationId: "invid:152",
        contextToken: "jwt.x.y",
      });
      const delivery = await inbox.next();
      expect(delivery).toMatchObject({
        destination: queue,
        correlationId: "invid:152",
        replyTo: `/queue/${replyQueueOf(queue)}`,
        payloadClass: "ActionDataDTO",
        body: '{"action_id":45}',
        redelivered: false,
      });
      expect(delivery.contextToken?.reveal()).toBe("jwt.x.y");
      await delivery.settle({
        outcome: "done",
        message: "Report submitted.",
        results: { id: "r1", error: null },
      });
      expect(await platform.replyTo("invid:152")).toMatchObject({
        messageType: 0,
        message: "Report submitted.",
        complete: true,
        results: { id: "r1", error: null },
      });
      inbox.release();
    });
  });

  it("sends a failure as a complete error message without results", async () => {
    const queue = freshQueue();
    await withPlatform(queue, async (platform) => {
      await using running = startLink(linkOptions(broker.port, queue), (delivery) =>
        delivery.settle({ outcome: "failed", message: "No account for workspace X." }),
      );
      await running.ready();
      await platform.post({ queue, body: {}, correlationId: "invid:1" });
      expect(await platform.replyTo("invid:1")).toMatchObject({
        messageType: 1,
        message: "No account for workspace X.",
        complete: true,
        results: undefined,
      });
    });
  });

  it("reports progress without acknowledging", async () => {
    const queue = freshQueue();
    const inbox = new Inbox();
    await withPlatform(queue, async (platform) => {
      {
        await using running = startLink(linkOptions(broker.port, queue), inbox.hold);
        await running.ready();
        await platform.post({ queue, body: {}, correlationId: "invid:2" });
        (await inbox.next()).progress("Half way");
        await platform.until((replies) => replies.length === 1);
        inbox.release();
      }
      expect(platform.replies).toMatchObject([{ message: "Half way", complete: false, messageType: 0 }]);
      await using second = startLink(linkOptions(broker.port, queue), (delivery) =>
        delivery.settle(done("at last")),
      );
      await second.ready();
      expect(await platform.replyTo("invid:2")).toMatchObject({ message: "at last" });
    });
  });

  it.each([
    ["escapes of every kind", "a:b\\c\\:d\\\\n\r\ne:"],
    ["letters of other scripts", "fällt:事件:🦔"],
  ])("echoes a correlation-id with %s", async (_, correlationId) => {
    const queue = freshQueue();
    await withPlatform(queue, async (platform) => {
      await using running = startLink(linkOptions(broker.port, queue), (delivery) =>
        delivery.settle(done(delivery.correlationId ?? "none")),
      );
      await running.ready();
      await platform.post({ queue, body: {}, correlationId });
      expect((await platform.replyTo(correlationId)).message).toBe(correlationId);
    });
  });

  it("carries bodies of several megabytes, in any script, both ways", async () => {
    const queue = freshQueue();
    const text = "Zwölf Boxkämpfer 事件 🦔\u0000\n".repeat(200_000);
    await withPlatform(queue, async (platform) => {
      await using running = startLink(linkOptions(broker.port, queue), (delivery) =>
        delivery.settle(done((JSON.parse(delivery.body) as { text: string }).text)),
      );
      await running.ready();
      await platform.post({ queue, body: { text }, correlationId: "invid:3" });
      const { message } = await platform.replyTo("invid:3");
      expect(message.length).toBe(text.length);
      expect(message === text).toBe(true);
    });
  });

  it("reads surrogates that were encoded one by one, and survives bytes that are no text", async () => {
    const queue = freshQueue();
    const inbox = new Inbox();
    await withPlatform(queue, async (platform) => {
      await using running = startLink(linkOptions(broker.port, queue), inbox.hold);
      await running.ready();
      const hedgehog = Buffer.from([0xed, 0xa0, 0xbe, 0xed, 0xb6, 0x94]);
      await platform.post({
        queue,
        body: Buffer.concat([hedgehog, Buffer.from([0xff, 0x41])]),
        correlationId: "x",
      });
      const delivery = await inbox.next();
      expect(delivery.body).toBe("🦔\ufffdA");
      await delivery.settle(undefined);
      inbox.release();
    });
  });

  it("acknowledges without answering when there is no reply or nowhere to send it", async () => {
    const queue = freshQueue();
    const inbox = new Inbox();
    await withPlatform(queue, async (platform) => {
      {
        await using running = startLink(linkOptions(broker.port, queue), inbox.hold);
        await running.ready();
        await platform.post({ queue, body: {}, correlationId: "a" });
        await platform.post({ queue, body: {}, correlationId: "b", headers: { "reply-to": undefined } });
        await (await inbox.next()).settle(undefined);
        await (await inbox.next()).settle(done("nobody reads this"));
        inbox.release();
      }
      const again = new Inbox();
      await using second = startLink(linkOptions(broker.port, queue), again.hold);
      await second.ready();
      await platform.post({ queue, body: {}, correlationId: "c" });
      expect((await again.next()).correlationId).toBe("c");
      again.release();
      expect(platform.replies).toHaveLength(0);
    });
  });

  it("has no more unsettled messages than its prefetch", async () => {
    const queue = freshQueue();
    const inbox = new Inbox();
    await withPlatform(queue, async (platform) => {
      for (let n = 0; n < 8; n++) await platform.post({ queue, body: {}, correlationId: `invid:${n}` });
      await using running = startLink(linkOptions(broker.port, queue, { prefetch: 3 }), inbox.hold);
      await running.ready();
      const first = await inbox.next();
      await inbox.next();
      await inbox.next();
      await expect(inbox.next(200)).rejects.toThrow("Only 3");
      await first.settle(done("one done"));
      await inbox.next();
      await expect(inbox.next(200)).rejects.toThrow("Only 4");
      inbox.release();
    });
  });

  it("listens to several destinations at once", async () => {
    const queues = [freshQueue(), freshQueue()];
    const inbox = new Inbox();
    const platform = await broker.platform();
    await using running = startLink(linkOptions(broker.port, "", { destinations: queues }), inbox.hold);
    await running.ready();
    for (const queue of queues) await platform.post({ queue, body: {}, correlationId: queue });
    const came = [await inbox.next(), await inbox.next()];
    expect(came.map(({ destination }) => destination).sort()).toEqual(queues);
    inbox.release();
    platform.close();
  });
});

describe("a link that is refused", () => {
  it("ends with what to do about a wrong secret, without trying again", async () => {
    const credentials = credentialsOf({ ...workerUser, passcode: "wrong" });
    await using running = startLink(linkOptions(broker.port, freshQueue(), { credentials }), () =>
      Promise.resolve(),
    );
    await expect(running.ended).rejects.toMatchObject({
      name: "BrokerRefusedError",
      code: "broker_credentials_refused",
      retryable: false,
      message: expect.stringMatching(
        /password is invalid.*Check api_key_id and api_key_secret in \[resilient\]/,
      ),
    });
    expect(running.link.problem()).toMatch(/refused the login/);
    await expect(running.ready()).rejects.toMatchObject({ code: "broker_credentials_refused" });
  });

  it("speaks of e-mail and password when those were used", async () => {
    const credentials = { ...credentialsOf({ ...workerUser, passcode: "wrong" }), kind: "user" } as const;
    await using running = startLink(linkOptions(broker.port, freshQueue(), { credentials }), () =>
      Promise.resolve(),
    );
    await expect(running.ended).rejects.toThrow(/Check email and password in \[resilient\]/);
  });

  it("ends with what to do about a destination that is not ours", async () => {
    const queue = freshQueue();
    const options = linkOptions(broker.port, queue, { credentials: credentialsOf(strangerUser) });
    await using running = startLink(options, () => Promise.resolve());
    await expect(running.ended).rejects.toMatchObject({
      code: "broker_destination_refused",
      message: expect.stringMatching(
        new RegExp(
          `subscription to ${queue}.*is not authorized.*Add the API key .* message destination q\\d+`,
        ),
      ),
    });
  });
});
