import { inspect } from "node:util";
import { workerUser } from "../support/broker-users.js";
import { type Greeting, type HostileBroker, startHostileBroker } from "../support/hostile-broker.js";
import { done, eventually, freshQueue, Inbox, linkOptions, startLink } from "../support/link-harness.js";
import { createLogCapture, type LogCapture } from "../support/log-capture.js";
import { writeWire } from "../support/stomp-broker/wire.js";

// A broker that repeats the log-in in whatever it says. What it says ends in errors, in the log and in GET /ready.
let capture: LogCapture;
let told: string[];

beforeEach(() => {
  capture = createLogCapture();
  told = [];
});

/** Whoever asks for the link's problem hears it as /ready does. */
function start(broker: HostileBroker, inbox = new Inbox()) {
  const running = startLink(linkOptions(broker.port, freshQueue(), { log: capture.log }), inbox.hold);
  void running.ended.catch((error: unknown) => told.push(inspect(error, { depth: 9 })));
  return running;
}

function expectNoLogin(): void {
  const all = [...told, capture.text()].join("\n");
  expect(all).toContain("[secret]");
  for (const secret of [workerUser.passcode, workerUser.login]) expect(all).not.toContain(secret);
}

const { login, passcode } = workerUser;
const greetings: readonly (readonly [string, Greeting])[] = [
  ["ERROR", ({ headers }) => writeWire("ERROR", { message: `bad passcode ${headers["passcode"] ?? ""}` })],
  [
    "the body of ERROR",
    ({ headers }) => writeWire("ERROR", {}, `no ${headers["passcode"] ?? ""}\nat x.java`),
  ],
  ["an ERROR without escapes", () => Buffer.from(`ERROR\nmessage:bad: ${login}, ${passcode}\n\n\0`)],
  ["an unknown frame", () => Buffer.from(`${passcode} is unknown\n\n\0`)],
  ["the version of CONNECTED", () => writeWire("CONNECTED", { version: passcode })],
  ["the heart-beat of CONNECTED", () => writeWire("CONNECTED", { version: "1.2", "heart-beat": passcode })],
];

test.each(greetings)("a passcode in %s, in answer to CONNECT, is not told", async (_where, greeting) => {
  await using broker = await startHostileBroker(greeting);
  await using running = start(broker);
  await eventually(() => capture.text().includes("not connected"));
  told.push(running.link.problem() ?? "");
  expectNoLogin();
});

test("a passcode in the refusal of the log-in is not told", async () => {
  const message = `User name [${login}] or password is invalid ${passcode}`;
  await using broker = await startHostileBroker(() => writeWire("ERROR", { message }));
  await using running = start(broker);
  await expect(running.ended).rejects.toMatchObject({ code: "broker_credentials_refused" });
  await expect(running.ready()).rejects.toMatchObject({ code: "broker_credentials_refused" });
  told.push(running.link.problem() ?? "");
  expectNoLogin();
});

test("a passcode in a later ERROR is not told, nor to who waits for a receipt", async () => {
  await using broker = await startHostileBroker();
  const inbox = new Inbox();
  await using running = start(broker, inbox);
  const socket = await broker.subscribed();
  await running.ready();
  const ids = { "message-id": "ID:1", ack: "a", subscription: "s", "reply-to": "/queue/acks.201.x" };
  socket.write(writeWire("MESSAGE", ids, "{}"));
  const delivery = await inbox.next();
  const settled = delivery.settle(done("it is"));
  // The double gives the receipt only to frames that ask for one: COMMIT. Its ERROR comes first.
  const message = `User ${login} (${passcode}) is not authorized to write to: queue://acks.201.x`;
  socket.write(writeWire("ERROR", { message }));
  await settled.catch((error: unknown) => told.push(inspect(error, { depth: 9 })));
  await eventually(() => capture.text().includes("not connected"));
  expect(told.join()).toContain("refused the answer");
  expectNoLogin();
  inbox.release();
});
