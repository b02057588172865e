import type { Socket } from "node:net";
import { jest } from "@jest/globals";
import { makeCertificates } from "../support/certificates.js";
import { startHostileBroker } from "../support/hostile-broker.js";
import { eventually, freshQueue, Inbox, linkOptions, startLink } from "../support/link-harness.js";
import { createLogCapture } from "../support/log-capture.js";
import { withOldServer } from "../support/old-tls.js";
import { writeWire } from "../support/stomp-broker/wire.js";

/** Sends until the other side has had enough. @returns the bytes that left */
async function sendWithoutEnd(socket: Socket, start: string, limit: number): Promise<number> {
  const closed = new Promise((resolve) => socket.once("close", resolve));
  const block = Buffer.alloc(64 * 1024, "x");
  socket.write(start);
  while (!socket.destroyed && socket.bytesWritten < limit) {
    if (!socket.write(block)) {
      await Promise.race([new Promise((resolve) => socket.once("drain", resolve)), closed]);
    }
  }
  return socket.bytesWritten;
}

test.each([
  ["a command", "MES"],
  ["a header", "MESSAGE\nx:"],
  ["a body", "MESSAGE\nmessage-id:1\nack:1\n\n"],
  ["a body whose length is no number", "MESSAGE\nmessage-id:1\ncontent-length:all\n\n\0"],
  ["a body whose length is negative", "MESSAGE\nmessage-id:1\ncontent-length:-5\n\n\0"],
  ["a body that is announced as longer than any", "MESSAGE\nmessage-id:1\ncontent-length:99999999\n\n"],
  ["a list of headers", `MESSAGE\n${"a:b\n".repeat(300)}message-id:`],
])("%s that never ends ends the connection, and the next one works", async (_what, start) => {
  await using broker = await startHostileBroker();
  const { log, text } = createLogCapture();
  const options = linkOptions(broker.port, freshQueue(), { log });
  await using running = startLink(options, () => Promise.resolve());
  await running.ready();
  const sent = await sendWithoutEnd(await broker.subscribed(), start, 64 * 1024 * 1024);
  expect(sent).toBeLessThan(64 * 1024 * 1024);
  await eventually(() => /The message broker sent /.test(text()));
  await broker.subscribed();
  await running.ready();
});

test.each(["constructor", "__proto__", "toString"])(
  "a message and a receipt that bear the name %s of Object's are what they are",
  async (name) => {
    const printed = jest.spyOn(console, "log");
    await using broker = await startHostileBroker();
    const inbox = new Inbox();
    await using running = startLink(linkOptions(broker.port, freshQueue()), inbox.hold);
    await running.ready();
    const socket = await broker.subscribed();
    socket.write(writeWire("RECEIPT", { "receipt-id": name }));
    socket.write(writeWire("MESSAGE", { "message-id": "ID:1", ack: "a", subscription: name }, "{}"));
    expect(await inbox.next()).toMatchObject({ messageId: "ID:1" });
    expect(printed.mock.calls).toEqual([]);
    printed.mockRestore();
    inbox.release();
  },
);

test.each(["constructor", "__proto__", "toString"])(
  "a frame that bears the name %s of Object's is one that STOMP doesn't know",
  async (name) => {
    const printed = jest.spyOn(console, "log");
    await using broker = await startHostileBroker();
    await using running = startLink(linkOptions(broker.port, freshQueue()), () => Promise.resolve());
    await running.ready();
    (await broker.subscribed()).write(writeWire(name, {}));
    // The connection is given up, and a new one subscribes.
    await broker.subscribed();
    await running.ready();
    expect(printed.mock.calls).toEqual([]);
    printed.mockRestore();
  },
);

test("a broker that speaks nothing newer than TLS 1.1 is not spoken to, even where Node.js would", async () => {
  await withOldServer(await makeCertificates(), async (broker) => {
    const endpoint = { host: "127.0.0.1", port: broker.port, tls: { rejectUnauthorized: false } };
    await using running = startLink(linkOptions(0, freshQueue(), { endpoint }), () => Promise.resolve());
    await broker.refused;
    expect([broker.greeted, running.link.problem()]).toEqual([0, expect.any(String)]);
  });
});

describe("a heart-beat that no timer can count", () => {
  const mostMs = 2 ** 31 - 1;
  const greetWith = (beats: string) => () => writeWire("CONNECTED", { version: "1.2", "heart-beat": beats });

  test.each(["99999999999999,99999999999999", "0,2147483648", "2147483648,0"])("%s is cut", async (beats) => {
    const delays: unknown[] = [];
    const timers = [jest.spyOn(globalThis, "setInterval"), jest.spyOn(globalThis, "setTimeout")];
    await using broker = await startHostileBroker(greetWith(beats));
    await using running = startLink(linkOptions(broker.port, freshQueue()), () => Promise.resolve());
    await running.ready();
    for (const timer of timers) {
      delays.push(...timer.mock.calls.map(([, ms]) => ms));
      timer.mockRestore();
    }
    expect(delays).toContain(beats.endsWith(",0") ? mostMs : mostMs / 2);
    expect(delays.filter((ms) => Number(ms) > mostMs)).toEqual([]);
  });

  test.each(["-1,99999999999999", "soon,often", ""])("%j ends the connection", async (beats) => {
    const timer = jest.spyOn(globalThis, "setInterval");
    await using broker = await startHostileBroker(greetWith(beats));
    await using running = startLink(linkOptions(broker.port, freshQueue()), () => Promise.resolve());
    await eventually(() => /sent a heart-beat that is none/.test(running.link.problem() ?? ""));
    expect(timer.mock.calls).toEqual([]);
    timer.mockRestore();
  });
});
