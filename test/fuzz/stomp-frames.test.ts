import { once } from "node:events";
import { jest } from "@jest/globals";
import fc from "fast-check";
import { openSettledLedger } from "../../services/actions/settled-ledger.js";
import { createSettler } from "../../services/actions/settle.js";
import { createFakeClock } from "../support/fake-clock.js";
import { startHostileBroker, type HostileBroker } from "../support/hostile-broker.js";
import { freshQueue, linkOptions, startLink, type RunningLink } from "../support/link-harness.js";
import { createLogCapture } from "../support/log-capture.js";
import { writeWire } from "../support/stomp-broker/wire.js";
import { fuzz, liveBytes } from "./fuzz.js";
import { cuts } from "./mangled.js";

const awkward = fc.constantFrom(
  "",
  "x",
  "1",
  "-1",
  "999999999999",
  "NaN",
  "a:b",
  "a\\cb\\",
  "\\x",
  "a\nb",
  "\u0000",
  "é🦔",
  "x".repeat(3_000),
  "/queue/acks.201.trustar",
  "__proto__",
  "true",
);
const headerNames = [
  "message-id",
  "ack",
  "subscription",
  "destination",
  "reply-to",
  "correlation-id",
  "redelivered",
  "Co3ContextToken",
  "Co3MessagePayload",
  "content-length",
  "content-type",
  "receipt-id",
  "message",
  "version",
  "heart-beat",
  "__proto__",
  "constructor",
  "",
];
const bodies = fc.oneof(
  fc.constantFrom(
    '{"action_id":11}',
    '{"action_id":11}',
    "{",
    "",
    "null",
    '"',
    "a\u0000b",
    "[".repeat(5_000),
    "\u0000\u0000",
  ),
  fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes)),
);

const message = fc
  .record({
    "message-id": fc.nat(60).map((n) => `ID:${n}`),
    ack: fc.nat(3).map((n) => `ack-${n}`),
    destination: fc.constant("/queue/actions.201.trustar"),
    "reply-to": fc.constantFrom("/queue/acks.201.trustar", "", "x"),
    "correlation-id": awkward,
  })
  .chain((headers) => bodies.map((body) => writeWire("MESSAGE", headers, body)));
const anyFrame = fc
  .tuple(
    fc.constantFrom(
      "MESSAGE",
      "RECEIPT",
      "ERROR",
      "CONNECTED",
      "SEND",
      "ACK",
      "message",
      "X",
      "",
      "\u0000",
      "GET / HTTP/1.1",
    ),
    fc.dictionary(fc.constantFrom(...headerNames), awkward, { maxKeys: 6 }),
    bodies,
  )
  .map(([command, headers, body]) => writeWire(command, headers, body));
const noise = fc.oneof(
  fc.constantFrom("\n", "\r\n", "\0", "\n\n\n\0", "HTTP/1.1 200 OK\r\n\r\n").map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)),
);
const bytes = fc
  .tuple(
    fc.array(fc.oneof(message, message, anyFrame, noise), { minLength: 1, maxLength: 5 }),
    cuts(2),
    fc.boolean(),
  )
  .map(([frames, edit, isEdited]) => (isEdited ? edit(Buffer.concat(frames)) : Buffer.concat(frames)));

describe("what comes from the broker", () => {
  const capture = createLogCapture("info");
  let broker: HostileBroker;
  let running: RunningLink;
  let printed: jest.SpiedFunction<typeof console.log>;
  let handled = 0;
  let before = 0;

  async function start(): Promise<RunningLink> {
    const settle = createSettler({
      ledger: await openSettledLedger({ clock: createFakeClock(), log: capture.log, maxEntries: 20 }),
      log: capture.log,
      handle: () => {
        handled += 1;
        return Promise.resolve({ outcome: "done", message: "ok" });
      },
    });
    const backoff = { firstMs: 0, maxMs: 0, stableMs: 0 };
    return startLink(linkOptions(broker.port, freshQueue(), { backoff, log: capture.log }), settle);
  }

  beforeAll(async () => {
    printed = jest.spyOn(console, "log");
    broker = await startHostileBroker();
    running = await start();
  });
  afterAll(async () => {
    await running.stop();
    await broker[Symbol.asyncDispose]();
    printed.mockRestore();
  });

  let played = 0;
  fuzz("frames of the broker", 0.05, bytes, async (sent) => {
    const socket = await broker.subscribed();
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.end(sent);
    await closed;
    // An ERROR frame may be a refusal, which ends the link for good and says why: then a new program starts.
    const end = await Promise.race([
      running.ended.then(
        () => undefined,
        (error: unknown) => error as Error,
      ),
      broker.subscribed().then((next) => next.destroy()),
    ]);
    if (end instanceof Error) {
      expect(end).toMatchObject({ code: expect.stringMatching(/^broker_/) });
      running = await start();
    }
    if ((played += 1) === 50) before = liveBytes();
  });

  test("messages were handled, nothing was printed past the log, and no line tells of a fault of ours", () => {
    expect(handled).toBeGreaterThan(0);
    expect(printed.mock.calls).toEqual([]);
    expect(capture.lines().filter(({ level }) => level >= 50)).toEqual([]);
  });

  test("messages still come, and no memory is left", async () => {
    const socket = await broker.subscribed();
    const already = handled;
    const answered = once(socket, "data");
    socket.write(
      writeWire("MESSAGE", { "message-id": "ID:last", ack: "a", destination: "q", "reply-to": "r" }, "{}"),
    );
    expect(String((await answered)[0])).toContain("COMMIT");
    expect(handled).toBe(already + 1);
    expect(liveBytes() - before).toBeLessThan(64 * 1024 * 1024);
  });
});
