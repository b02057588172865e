import { type FaultProxy, startFaultProxy } from "../support/fault-proxy.js";
import { done, freshQueue, linkOptions, startLink } from "../support/link-harness.js";
import { replyQueueOf } from "../support/platform-client.js";
import { BROKER_START_MS, startTestBroker, type TestBroker } from "../support/test-broker.js";

let broker: TestBroker;
let proxy: FaultProxy;

beforeAll(async () => {
  broker = await startTestBroker();
  proxy = await startFaultProxy(broker.port);
}, BROKER_START_MS);

afterAll(async () => {
  await proxy.close();
  await broker.close();
});

const MESSAGES = 1_000;
const PARALLEL = 25;

it("answers 1,000 messages, 25 at a time and out of order, exactly once each", async () => {
  const queue = freshQueue();
  const platform = await broker.platform([replyQueueOf(queue)]);
  let running = 0;
  let most = 0;
  await using link = startLink(linkOptions(proxy.port, queue, { prefetch: PARALLEL }), async (delivery) => {
    most = Math.max(most, ++running);
    const { n } = JSON.parse(delivery.body) as { n: number };
    await new Promise((resolve) => setTimeout(resolve, (n * 7) % 10));
    delivery.progress(`working on ${n}`);
    running--;
    await delivery.settle(done(`done ${n}`));
  });
  await link.ready();
  const numbers = Array.from({ length: MESSAGES }, (_, n) => n);
  await Promise.all(numbers.map((n) => platform.post({ queue, body: { n }, correlationId: `invid:${n}` })));
  await platform.until((replies) => replies.filter(({ complete }) => complete).length >= MESSAGES, 150_000);
  expect(new Set(platform.finalReplies.map(({ correlationId }) => correlationId)).size).toBe(MESSAGES);
  expect(platform.finalReplies).toHaveLength(MESSAGES);
  for (const { correlationId, message } of platform.finalReplies) {
    expect(message).toBe(`done ${correlationId?.slice("invid:".length) ?? ""}`);
  }
  expect(most).toBeGreaterThan(PARALLEL / 2);
  expect(most).toBeLessThanOrEqual(PARALLEL);
  expect(proxy.accepted).toBe(1);
  platform.close();
}, 180_000);
