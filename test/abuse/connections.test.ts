import { once } from "node:events";
import { connectTo, drip, send, statusOf, type Attack } from "./attacker.js";
import { known, startTarget } from "./target.js";

const PATIENCE_MS = 120_000;
const head = "POST /cts/trustar HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";

/** Ten thousand, or as many as this machine lets one process open, with some left for the test itself. */
function manyConnections(): number {
  const limits = process.report.getReport() as {
    readonly userLimits?: { readonly open_files?: { readonly soft?: unknown } };
  };
  const soft = Number(limits.userLimits?.open_files?.soft);
  return Math.min(10_000, Number.isNaN(soft) ? 10_000 : soft - 200);
}

test(
  "slow-loris: headers and bodies that come byte by byte are cut off, and everybody else is answered meanwhile",
  async () => {
    await using target = await startTarget({
      webserver: ["headers_timeout_secs = 4", "request_timeout_secs = 6"],
    });
    const loris = Array.from({ length: 100 }, (_, at) =>
      at % 2 === 0
        ? drip(target.port, head, "X-A: b\r\n", 50)
        : drip(target.port, `${head}Content-Length: 100000\r\n\r\n`, " ", 50),
    );
    expect(await target.ask()).toMatchObject({ status: 200, hits: expect.any(Number) });
    for (const answer of await Promise.all(loris)) {
      expect(statusOf(answer)).toBe(503);
      expect(answer).toContain("request: not complete in time");
    }
    expect((await target.ask()).hits).toBeGreaterThan(0);
  },
  PATIENCE_MS,
);

test(
  "ten thousand idle connections keep nobody out and take no more than max_connections",
  async () => {
    const count = manyConnections();
    await using target = await startTarget();
    const idle: Attack[] = [];
    while (idle.length < count) {
      const batch = Math.min(200, count - idle.length);
      idle.push(...(await Promise.all(Array.from({ length: batch }, () => connectTo(target.port)))));
    }
    expect((await target.ask()).hits).toBeGreaterThan(0);
    expect(await target.metric("process_open_fds")).toBeLessThan(1_100);
    expect(await target.metric("process_resident_memory_bytes")).toBeLessThan(400 * 1024 * 1024);
    if (count > 1_000) expect(target.product.output()).toContain("all 1000 of max_connections were taken");
    for (const { socket } of idle) socket.destroy();
    await Promise.all(idle.map(({ ended }) => ended));
    expect((await target.ask()).hits).toBeGreaterThan(0);
  },
  PATIENCE_MS,
);

test.each(["silent", "kept alive"])(
  "sixteen busy clients are never cut while all places are taken by connections that are %s",
  async (how) => {
    const places = 100;
    await using target = await startTarget({ webserver: [`max_connections = ${places}`] });
    const idle = await Promise.all(Array.from({ length: places }, () => connectTo(target.port)));
    for (const { socket } of how === "silent" ? [] : idle) {
      socket.write("GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
      await once(socket, "data");
    }
    const body = JSON.stringify(known);
    const post = (): Promise<string> =>
      send(
        target.port,
        `${head}Connection: close\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      );
    const statuses = await Promise.all(
      Array.from({ length: 16 }, async () => {
        const seen: number[] = [];
        for (let at = 0; at < 25; at += 1) seen.push(statusOf(await post()));
        return seen;
      }),
    );
    expect(statuses.flat().filter((status) => status !== 200 && status !== 303)).toEqual([]);
    for (const { socket } of idle) socket.destroy();
  },
  PATIENCE_MS,
);

test(
  "whoever asks without end and fetches no answer keeps nobody out",
  async () => {
    await using target = await startTarget({ webserver: ["max_connections = 20"] });
    const request = "GET /cts/trustar/x HTTP/1.1\r\nHost: x\r\n\r\n";
    const deaf = await Promise.all(Array.from({ length: 20 }, () => connectTo(target.port)));
    for (const { socket } of deaf) {
      socket.pause();
      socket.write(request.repeat(1_000));
    }
    expect((await target.ask()).hits).toBeGreaterThan(0);
    for (const { socket } of deaf) socket.destroy();
  },
  PATIENCE_MS,
);

test("headers larger than 16 KB are refused, as one and as many", async () => {
  await using target = await startTarget();
  for (const headers of [`X: ${"x".repeat(20_000)}`, "X-Abuse: abuse\r\n".repeat(2_000).trimEnd()]) {
    expect(
      statusOf(await send(target.port, `GET /cts/trustar/x HTTP/1.1\r\nHost: x\r\n${headers}\r\n\r\n`)),
    ).toBe(431);
  }
  expect(statusOf(await send(target.port, `GET /${"x".repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`))).toBe(
    431,
  );
  expect((await target.ask()).hits).toBeGreaterThan(0);
});
