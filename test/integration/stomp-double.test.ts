import { type BrokerUser, defaultUsers } from "../support/broker-users.js";
import { createAuthority } from "../support/certificates.js";
import { done, eventually, freshQueue, linkOptions, startLink } from "../support/link-harness.js";
import { StompBroker } from "../support/stomp-broker/stomp-broker.js";

// What only the platform's own broker says, or only a broken one does: scripted on the double, whatever BROKER is.
let broker: StompBroker;

beforeEach(async () => {
  const users: readonly BrokerUser[] = defaultUsers;
  broker = new StompBroker({ users, certificate: await (await createAuthority()).issue("localhost") });
  await broker.start();
});

afterEach(() => broker.kill());

const ignore = () => Promise.resolve();

it("an authentication service that is down is waited for", async () => {
  broker.refuse("CONNECT", "unable to connect to authentication service");
  broker.refuse(
    "CONNECT",
    "User name [x] or password is invalid: unable to connect to authentication service",
  );
  await using running = startLink(linkOptions(broker.port, freshQueue()), ignore);
  await running.ready();
});

it("a destination that somebody else listens on is refused at start, but waited for after a lost link", async () => {
  broker.refuse("SUBSCRIBE", "Already subscribed");
  await using late = startLink(linkOptions(broker.port, freshQueue()), ignore);
  await expect(late.ended).rejects.toMatchObject({ code: "broker_already_subscribed" });

  await using running = startLink(linkOptions(broker.port, freshQueue()), ignore);
  await running.ready();
  broker.refuse("SUBSCRIBE", "Already subscribed");
  broker.dropConnections();
  await eventually(() => /Already subscribed/.test(running.link.problem() ?? ""));
  await running.ready();
});

it("credentials withdrawn while running end the link once it has to log in again", async () => {
  await using running = startLink(linkOptions(broker.port, freshQueue()), ignore);
  await running.ready();
  broker.refuse("CONNECT", "User name [0a1b2c3d-key] or password is invalid.");
  broker.dropConnections();
  await expect(running.ended).rejects.toMatchObject({ code: "broker_credentials_refused" });
});

it("a slow broker is waited for", async () => {
  broker.delayMs = 30;
  await using running = startLink(linkOptions(broker.port, freshQueue()), (delivery) =>
    delivery.settle(done("slowly")),
  );
  await running.ready();
});

it("waits as the back-off says, with jitter, on the timers it was given", async () => {
  const waits: number[] = [];
  const after = (ms: number, fn: () => void) => {
    if (ms < 5_000) waits.push(ms);
    const timer = setTimeout(fn, ms < 5_000 ? 0 : ms);
    return () => {
      clearTimeout(timer);
    };
  };
  const port = broker.port;
  await broker.kill();
  const backoff = { firstMs: 100, maxMs: 800, stableMs: 1_000 };
  await using running = startLink(
    linkOptions(port, freshQueue(), { backoff, after, random: () => 0 }),
    ignore,
  );
  await eventually(() => waits.length >= 6);
  expect(waits.slice(0, 6)).toEqual([50, 100, 200, 400, 400, 400]);
  await broker.start();
  await running.ready();
});

it("leaves no connection behind", async () => {
  const running = startLink(linkOptions(broker.port, freshQueue()), ignore);
  await running.ready();
  expect(broker.connections).toBe(1);
  await running.stop();
  await eventually(() => broker.connections === 0);
});
