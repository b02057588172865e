import type { Log } from "../../src/core/ports.js";
import { beforeAllBroker } from "../support/broker-scene.js";
import { choosyUser } from "../support/broker-users.js";
import {
  credentialsOf,
  done,
  eventually,
  freshQueue,
  Inbox,
  linkOptions,
  quietLog,
  startLink,
} from "../support/link-harness.js";
import { replyQueueOf, type PlatformClient } from "../support/platform-client.js";
import type { TestBroker } from "../support/test-broker.js";

/** A link to several message destinations at once. */
let broker: TestBroker;

beforeAllBroker((started) => {
  broker = started;
});

const mine = (): string => freshQueue().replace(".201.", ".201.mine.");

async function withPlatform(
  queues: readonly string[],
  use: (platform: PlatformClient) => Promise<void>,
): Promise<void> {
  const platform = await broker.platform(queues.map(replyQueueOf));
  try {
    await use(platform);
  } finally {
    platform.close();
  }
}

function logOf(told: string[]): Log {
  return { ...quietLog, warn: (facts, message) => told.push(`${message} ${JSON.stringify(facts)}`) };
}

it("hands on the messages of all, and what is held of one holds up no other", async () => {
  const queues = [freshQueue(), mine()];
  const [busy = "", other = ""] = queues;
  await withPlatform(queues, async (platform) => {
    const inbox = new Inbox();
    const options = linkOptions(broker.port, busy, { destinations: queues, prefetch: 2 });
    await using running = startLink(options, inbox.hold);
    await running.ready();
    for (const id of ["1", "2", "3"])
      await platform.post({ queue: busy, body: {}, correlationId: `busy:${id}` });
    const first = await inbox.next();
    await inbox.next();
    await platform.post({ queue: other, body: {}, correlationId: "other:1" });
    const late = await inbox.next();
    expect(late).toMatchObject({ destination: other, correlationId: "other:1" });
    await late.settle(done("of the other"));
    expect(await platform.replyTo("other:1")).toMatchObject({ message: "of the other", complete: true });
    expect(inbox.all).toHaveLength(3);
    await first.settle(done("of the busy one"));
    expect(await inbox.next()).toMatchObject({ destination: busy, correlationId: "busy:3" });
    inbox.release();
  });
});

it("leaves out one that is refused, says what to do, and goes on with the others", async () => {
  const [own, foreign] = [mine(), freshQueue()];
  for (const destinations of [
    [foreign, own],
    [own, foreign],
  ]) {
    await withPlatform([own], async (platform) => {
      const told: string[] = [];
      const options = linkOptions(broker.port, own, {
        destinations,
        credentials: credentialsOf(choosyUser),
        log: logOf(told),
      });
      await using running = startLink(options, (delivery) => delivery.settle(done("seen")));
      await running.ready();
      expect(told).toHaveLength(1);
      expect(told[0]).toContain(`"destination":"${foreign}"`);
      expect(told[0]).toMatch(/left out.* Add the API key .* message destination q\d+ /);
      const correlationId = `own:${destinations.indexOf(own)}`;
      await platform.post({ queue: own, body: {}, correlationId });
      expect(await platform.replyTo(correlationId)).toMatchObject({ message: "seen" });
      expect(running.link.problem()).toBeUndefined();
    });
  }
});

it("ends when all are refused, and tells of the first", async () => {
  const destinations = [freshQueue(), freshQueue(), freshQueue()];
  const options = linkOptions(broker.port, "", { destinations, credentials: credentialsOf(choosyUser) });
  await using running = startLink(options, () => Promise.resolve());
  await expect(running.ended).rejects.toMatchObject({
    code: "broker_destination_refused",
    message: expect.stringContaining(`subscription to ${destinations[0]}:`),
  });
});

it("subscribes to all again after the broker was away, to the refused one as well", async () => {
  const [own, foreign, second] = [mine(), freshQueue(), mine()];
  const told: string[] = [];
  const options = linkOptions(broker.port, own, {
    destinations: [own, foreign, second],
    credentials: credentialsOf(choosyUser),
    log: logOf(told),
  });
  const leftOut = () => told.filter((line) => line.includes("left out")).length;
  await using running = startLink(options, (delivery) => delivery.settle(done("seen")));
  await running.ready();
  expect(leftOut()).toBe(1);
  await broker.kill();
  await eventually(() => running.link.problem() !== undefined);
  await broker.restart();
  await eventually(() => running.link.problem() === undefined, 60_000);
  expect(leftOut()).toBe(2);
  await withPlatform([own, second], async (platform) => {
    for (const queue of [own, second]) {
      await platform.post({ queue, body: {}, correlationId: `again:${queue}` });
      expect(await platform.replyTo(`again:${queue}`)).toMatchObject({ message: "seen" });
    }
  });
});
