import { gzipSync } from "node:zlib";
import { send, statusOf, stream } from "./attacker.js";
import { known, startTarget, type Target } from "./target.js";

const PATIENCE_MS = 180_000;
const MEGABYTE = 1024 * 1024;
const GIGABYTE = 1024 * MEGABYTE;

let target: Target;
let uploads: Target;

beforeAll(async () => {
  target = await startTarget();
  uploads = await startTarget({ service: ["upload_file = true", "max_upload_mb = 10"] });
});
afterAll(async () => {
  await target[Symbol.asyncDispose]();
  await uploads[Symbol.asyncDispose]();
});

const resident = (of: Target): Promise<number> => of.metric("process_resident_memory_bytes");

async function post(of: Target, body: string | Buffer, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(`${of.product.url}/cts/trustar`, { method: "POST", body, headers });
  return { status: response.status, body: (await response.json()) as { hits: unknown[]; error?: string } };
}

const boundary = "abuse";
const multipart = { "Content-Type": `multipart/form-data; boundary=${boundary}` };
const part = (name: string, body: string, more = ""): string =>
  `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${body}\r\n`;
const end = `--${boundary}--\r\n`;

describe("a body of a gigabyte", () => {
  const start = "POST /cts/trustar HTTP/1.1\r\nHost: x\r\nConnection: close\r\n";
  const file = `${part("artifact", JSON.stringify(known))}--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n`;

  test.each([
    ["JSON with its length", () => target, `${start}Content-Length: ${GIGABYTE}\r\n\r\n`, false, 413],
    ["chunked JSON", () => target, `${start}Transfer-Encoding: chunked\r\n\r\n`, true, 413],
    [
      "a file that is not wanted, cut off",
      () => target,
      `${start}Content-Type: ${multipart["Content-Type"]}\r\nTransfer-Encoding: chunked\r\n\r\n${file.length.toString(16)}\r\n${file}\r\n`,
      true,
      400,
    ],
    [
      "a file that is too large, cut off",
      () => uploads,
      `${start}Content-Type: ${multipart["Content-Type"]}\r\nTransfer-Encoding: chunked\r\n\r\n${file.length.toString(16)}\r\n${file}\r\n`,
      true,
      400,
    ],
  ] as const)(
    "(%s) fills no memory and is refused",
    async (_what, of, head, isChunked, status) => {
      const before = await resident(of());
      const answer = await stream(of().port, head, GIGABYTE, isChunked);
      expect(statusOf(answer)).toBe(status);
      expect((await resident(of())) - before).toBeLessThan(200 * MEGABYTE);
      expect((await of().ask()).hits).toBeGreaterThan(0);
    },
    PATIENCE_MS,
  );

  test(
    "that is a megabyte on the wire is not unpacked",
    async () => {
      const bomb = gzipSync(Buffer.alloc(256 * MEGABYTE, " "), { level: 9 });
      const before = await resident(target);
      const [one, ...more] = await Promise.all(
        Array.from({ length: 8 }, () => post(target, bomb, { "Content-Encoding": "gzip" })),
      );
      for (const answer of [one, ...more]) expect(answer?.status).toBe(413);
      expect((await resident(target)) - before).toBeLessThan(200 * MEGABYTE);
      expect(await post(target, gzipSync(bomb), { "Content-Encoding": "gzip, gzip" })).toMatchObject({
        status: 400,
      });
    },
    PATIENCE_MS,
  );
});

describe("JSON", () => {
  test.each([
    ["arrays", "[", "]"],
    ["objects", '{"a":', "}"],
  ])("%s in each other as deep as they fit are refused", async (_what, open, close) => {
    const depth = Math.floor(900_000 / (open.length + close.length));
    const value = `${open.repeat(depth)}1${close.repeat(depth)}`;
    expect(await post(target, `{"type":"string","value":${value}}`)).toMatchObject({
      status: 400,
      body: { error: "value: nested deeper than 64 levels" },
    });
    expect((await target.ask()).hits).toBeGreaterThan(0);
  });

  test("with __proto__ and constructor changes nothing but what it says", async () => {
    for (const text of [
      '{"__proto__":{"type":"net.ip","value":"203.0.113.7"}}',
      '{"constructor":{"prototype":{"type":"net.ip","value":"203.0.113.7"}}}',
      '{"type":{"__proto__":"net.ip"},"value":"x"}',
    ]) {
      expect((await post(target, text)).status).toBe(400);
    }
    const polluting =
      '{"type":"net.name","value":{"__proto__":{"hits":[1],"state":"finished"},"toString":1}}';
    expect(await post(target, polluting)).toMatchObject({ status: 200, body: { hits: [] } });
    expect((await target.ask()).hits).toBeGreaterThan(0);
    expect(await post(target, '{"type":"net.name","value":"never-seen.example"}')).toMatchObject({
      body: { hits: [] },
    });
  });

  test("with a key many thousand times is read, and beyond 20,000 values refused before it is parsed", async () => {
    const repeated = (times: number): string =>
      `{${'"value":"203.0.113.8",'.repeat(times)}"type":"net.ip","value":"203.0.113.7"}`;
    const answer = await post(target, repeated(15_000));
    expect(answer).toMatchObject({ status: 200 });
    expect(answer.body.hits).not.toEqual([]);
    expect(await post(target, repeated(40_000))).toMatchObject({ status: 413 });
    expect((await target.ask()).hits).toBeGreaterThan(0);
  });
});

describe("multipart", () => {
  test("of a hundred thousand parts is refused", async () => {
    const body = `${part("x", "y").repeat(100_000)}${part("artifact", JSON.stringify(known))}${end}`;
    expect(await post(uploads, body, multipart)).toMatchObject({
      status: 400,
      body: { error: "body: more than 16 parts" },
    });
  });

  test.each([
    ["a header without end", `--${boundary}\r\nContent-Disposition: form-data; name="${"x".repeat(500_000)}`],
    ["ten thousand headers", `--${boundary}\r\n${"X: y\r\n".repeat(10_000)}\r\nz\r\n${end}`],
    ["boundaries only", `--${boundary}\r\n`.repeat(50_000)],
    ["no end", part("artifact", JSON.stringify(known))],
  ])("with %s is refused", async (_what, body) => {
    expect((await post(uploads, body, multipart)).status).toBe(400);
    expect((await uploads.ask()).hits).toBeGreaterThan(0);
  });

  test("whose file is named like a path touches no path", async () => {
    const body =
      part("artifact", JSON.stringify({ type: "file.content", value: "../../x" })) +
      part(
        "file",
        "abc",
        '; filename="../../../../tmp/trustar-abuse"\r\nContent-Type: application/octet-stream',
      ) +
      end;
    expect((await post(uploads, body, multipart)).status).toBe(200);
    expect(uploads.product.output()).not.toContain("trustar-abuse");
  });
});

test("none of it is in the log as a fault of ours", async () => {
  await send(target.port, "\0\0\0\0\r\n\r\n");
  for (const { product } of [target, uploads]) {
    expect(product.output()).not.toContain("request failed unexpectedly");
    expect(product.output()).not.toContain('"level":50');
    expect(product.output()).not.toContain("    at ");
  }
});
