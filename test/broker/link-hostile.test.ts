import type { Socket } from "node:net";
import { jest } from "@jest/globals";
import { makeCertificates } from "../support/certificates.js";
import { startHostileBroker } from "../support/hostile-broker.js";
import { freshQueue, Inbox, linkOptions, startLink } from "../support/link-harness.js";
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
])("%s that never ends ends the connection, and the next one works", async (_what, start) => {
  await using broker = await startHostileBroker();
  await using running = startLink(linkOptions(broker.port, freshQueue()), () => Promise.resolve());
  await running.ready();
  const sent = await sendWithoutEnd(await broker.subscribed(), start, 64 * 1024 * 1024);
  expect(sent).toBeLessThan(64 * 1024 * 1024);
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
