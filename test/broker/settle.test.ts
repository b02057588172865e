import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { systemClock } from "../../src/core/time.js";
import { openSettledLedger } from "../../services/actions/settled-ledger.js";
import { createSettler } from "../../services/actions/settle.js";
import { type FaultProxy, startFaultProxy } from "../support/fault-proxy.js";
import { done, eventually, freshQueue, linkOptions, quietLog, startLink } from "../support/link-harness.js";
import { type PlatformClient, replyQueueOf } from "../support/platform-client.js";
import { BROKER_START_MS, startTestBroker, type TestBroker } from "../support/test-broker.js";

let broker: TestBroker;
let proxy: FaultProxy;
let queue: string;
let platform: PlatformClient;
let directory: string;

beforeAll(async () => {
  broker = await startTestBroker();
  proxy = await startFaultProxy(broker.port);
}, BROKER_START_MS);

afterAll(async () => {
  await proxy.close();
  await broker.close();
});

beforeEach(async () => {
  queue = freshQueue();
  platform = await broker.platform([replyQueueOf(queue)]);
  directory = await mkdtemp(path.join(tmpdir(), "settle-"));
});

afterEach(async () => {
  platform.close();
  await rm(directory, { recursive: true });
});

const CUTS = 16;

/** Where a connection is cut: inside a transaction, before its receipt, in the middle of what is delivered. */
const places: readonly ["client" | "broker", string][] = [
  ["client", "COMMIT\n"],
  ["broker", "RECEIPT\n"],
  ["client", "ACK\n"],
  ["broker", "MESSAGE\n"],
];

it("answers each message exactly once while the link is cut again and again", async () => {
  const MESSAGES = 200;
  const worked = new Map<string, number>();
  const ledger = await openSettledLedger({ clock: systemClock, log: quietLog });
  const settler = createSettler({
    ledger,
    log: quietLog,
    handle: async (message) => {
      worked.set(message.messageId, (worked.get(message.messageId) ?? 0) + 1);
      await new Promise((resolve) => setTimeout(resolve, 3));
      return done(`done ${(message.payload as { n: number }).n}`);
    },
  });
  await using running = startLink(linkOptions(proxy.port, queue, { prefetch: 25 }), settler);
  await running.ready();
  const posted = Array.from({ length: MESSAGES }, (_, n) =>
    platform.post({ queue, body: { n }, correlationId: `invid:${n}` }),
  );
  for (let round = 0; round < CUTS; round++) {
    await running.ready();
    const sprung = proxy.cutBefore(...(places[round % places.length] ?? ["client", "COMMIT\n"]));
    await Promise.race([sprung, new Promise((resolve) => setTimeout(resolve, 5 + 7 * (round % 4)))]);
    const before = proxy.accepted;
    proxy.cut();
    await eventually(() => proxy.accepted > before);
  }
  await Promise.all(posted);
  await platform.until((replies) => replies.length >= MESSAGES, 150_000);
  expect(new Set(platform.finalReplies.map(({ correlationId }) => correlationId)).size).toBe(MESSAGES);
  await running.stop();
  expect(platform.finalReplies).toHaveLength(MESSAGES);
  expect([...worked.values()].filter((times) => times !== 1)).toEqual([]);
  expect(proxy.accepted).toBeGreaterThanOrEqual(CUTS);
}, 180_000);

it("a crash between the effect and the commit is answered from the ledger's file by the next process", async () => {
  const file = path.join(directory, "settled.state");
  let effects = 0;
  const startWorker = async () => {
    const ledger = await openSettledLedger({ clock: systemClock, log: quietLog, file });
    const handle = () => Promise.resolve(done(`effect ${++effects}`));
    const running = startLink(
      linkOptions(proxy.port, queue),
      createSettler({ ledger, handle, log: quietLog }),
    );
    const stop = async () => {
      await running.stop();
      await ledger.close();
    };
    return { running, stop, [Symbol.asyncDispose]: stop };
  };
  await using first = await startWorker();
  await first.running.ready();
  const crash = proxy.cutBefore("client", "COMMIT\n");
  proxy.refuse(true);
  await platform.post({ queue, body: {}, correlationId: "invid:1" });
  await crash;
  await first.stop();
  proxy.refuse(false);
  expect(platform.replies).toHaveLength(0);

  await using second = await startWorker();
  await second.running.ready();
  expect((await platform.replyTo("invid:1")).message).toBe("effect 1");
  expect(effects).toBe(1);
});

it("neither a body that is no JSON nor an answer nobody may send blocks the queue", async () => {
  const ledger = await openSettledLedger({ clock: systemClock, log: quietLog });
  const settler = createSettler({ ledger, handle: () => Promise.resolve(done("fine")), log: quietLog });
  await using running = startLink(linkOptions(proxy.port, queue, { prefetch: 1 }), settler);
  await running.ready();
  await platform.post({ queue, body: "{broken", correlationId: "invid:1" });
  await platform.post({ queue, body: {}, correlationId: "invid:2", replyTo: "/queue/not.ours" });
  await platform.post({ queue, body: {}, correlationId: "invid:3" });
  expect(await platform.replyTo("invid:1")).toMatchObject({ messageType: 1, complete: true });
  expect((await platform.replyTo("invid:3")).message).toBe("fine");
});
