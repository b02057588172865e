import { startFaultProxy, type FaultProxy } from "./fault-proxy.js";
import { freshQueue } from "./link-harness.js";
import { replyQueueOf, type PlatformClient } from "./platform-client.js";
import { BROKER_START_MS, startTestBroker, type TestBroker } from "./test-broker.js";

/** A queue of a test's own, between the platform and whoever comes through the proxy. */
export interface BrokerScene {
  readonly proxy: FaultProxy;
  readonly queue: string;
  readonly platform: PlatformClient;
}

/** One broker for the file, told before its first test. */
export function beforeAllBroker(take: (broker: TestBroker) => void): void {
  let broker: TestBroker;
  beforeAll(async () => {
    broker = await startTestBroker();
    take(broker);
  }, BROKER_START_MS);
  afterAll(() => broker.close());
}

/** One broker for the file; the rest is new before each test and closed after it. */
export function beforeEachBrokerScene(take: (scene: BrokerScene, broker: TestBroker) => void): void {
  let broker: TestBroker;
  let scene: BrokerScene;
  beforeAllBroker((started) => {
    broker = started;
  });
  beforeEach(async () => {
    const proxy = await startFaultProxy(broker.port);
    const queue = freshQueue();
    scene = { proxy, queue, platform: await broker.platform([replyQueueOf(queue)]) };
    take(scene, broker);
  });
  afterEach(async () => {
    scene.platform.close();
    await scene.proxy.close();
  });
}
