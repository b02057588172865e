import { gzipSync, deflateSync, brotliCompressSync } from "node:zlib";
import request from "supertest";
import { createTestApp, listenOn, scriptLookups, sendRaw } from "../support/http-fixture.js";

const root = "/cts/trustar";
const artifact = { type: "net.name", value: "münchen.example" };
const text = JSON.stringify(artifact);

const post = (app: ReturnType<typeof createTestApp>): request.Test => request(app).post(root).redirects(0);

test.each([
  "application/json",
  "application/json;charset=UTF-8",
  "text/plain",
  "application/octet-stream",
  "nonsense",
])("JSON may come as %s", async (contentType) => {
  const lookups = scriptLookups();
  await post(createTestApp({ lookups })).set("Content-Type", contentType).send(text).expect(200);
  expect(lookups.submissions).toEqual([{ sourceText: text, artifact }]);
});

test("JSON may come without a content type, in chunks cut within a letter", async () => {
  const lookups = scriptLookups();
  await using app = await listenOn(createTestApp({ lookups }));
  const bytes = Buffer.from(text);
  const cut = bytes.indexOf("ü") + 1;
  const chunks = [bytes.subarray(0, cut), bytes.subarray(cut)].map((chunk) =>
    Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from("\r\n")]),
  );
  const head = `POST ${root} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n`;
  expect(await sendRaw(app.port, head, ...chunks, "0\r\n\r\n")).toMatch(/^HTTP\/1\.1 200 /);
  expect(lookups.submissions).toEqual([{ sourceText: text, artifact }]);
});

test.each([
  ["gzip", gzipSync],
  ["deflate", deflateSync],
  ["br", brotliCompressSync],
] as const)("JSON may be packed with %s", async (encoding, pack) => {
  const lookups = scriptLookups();
  const call = post(createTestApp({ lookups })).set("Content-Encoding", encoding).type("json");
  await call
    .serialize((body: Buffer) => body as never)
    .send(pack(text))
    .expect(200);
  expect(lookups.submissions).toEqual([{ sourceText: text, artifact }]);
});

test("a byte order mark isn't part of the text", async () => {
  const lookups = scriptLookups();
  await post(createTestApp({ lookups })).type("json").send(`\uFEFF${text}`).expect(200);
  expect(lookups.submissions[0]?.sourceText).toBe(text);
});

test.each(["ISO-8859-1", "ISO8859_1", '"latin_1"'])(
  "what says it is %s is read as Latin-1",
  async (charset) => {
    const lookups = scriptLookups();
    const call = post(createTestApp({ lookups })).set("Content-Type", `application/json; charset=${charset}`);
    await call
      .serialize((body: Buffer) => body as never)
      .send(Buffer.from(text, "latin1"))
      .expect(200);
    expect(lookups.submissions[0]?.artifact).toEqual(artifact);
  },
);

const bytes = (body: Buffer | string, headers: Record<string, string> = {}) => ({ body, headers });

test.each([
  ["no body", bytes(""), "body: empty, expected a JSON object"],
  ["broken JSON", bytes("{type"), "body: not valid JSON (at position 1)"],
  ["an array", bytes("[]"), "body: expected a JSON object, got an array"],
  ["no type", bytes('{"value":1}'), "type: expected a non-empty string, got nothing"],
  [
    "null as value",
    bytes('{"type":"t","value":null}'),
    "value: expected a string, number, object or array, got null",
  ],
  ["invalid UTF-8", bytes(Buffer.from([0x7b, 0xc3, 0x28, 0x7d])), "body: not valid UTF-8"],
  [
    "an unknown charset",
    bytes(text, { "Content-Type": "application/json; charset=none" }),
    "body: unknown charset",
  ],
  [
    "an unknown content-encoding",
    bytes(text, { "Content-Encoding": "rot13" }),
    "content-encoding: not supported, use gzip, deflate, br or none",
  ],
  ["no gzip", bytes(text, { "Content-Encoding": "gzip" }), "body: doesn't match its content-encoding"],
  [
    "half a gzip",
    bytes(gzipSync(text).subarray(0, 20), { "Content-Encoding": "gzip" }),
    "body: doesn't match its content-encoding",
  ],
  [
    "deflate with a dictionary",
    bytes(deflateSync(text, { dictionary: Buffer.from("type") }), { "Content-Encoding": "deflate" }),
    "body: doesn't match its content-encoding",
  ],
  [
    "no brotli",
    bytes("\xff\xff\xff\xff nonsense", { "Content-Encoding": "br" }),
    "body: doesn't match its content-encoding",
  ],
])("%s is a 400 that says where", async (_kind, { body, headers }, error) => {
  const lookups = scriptLookups();
  const call = post(createTestApp({ lookups })).set({ "Content-Type": "application/json", ...headers });
  const response = await call.serialize((raw: Buffer) => raw as never).send(body as string);
  expect(response.status).toBe(400);
  expect(response.body).toEqual({ id: null, hits: [], error });
  expect(lookups.submissions).toEqual([]);
});

test("too much is a 413, packed or not, and exactly as much as allowed is fine", async () => {
  const lookups = scriptLookups();
  const app = createTestApp({ lookups, maxBodyBytes: 1_000 });
  const ofLength = (length: number): string => text.padEnd(length - 1);
  await post(app).type("json").send(ofLength(1_000)).expect(200);
  const tooLong = { id: null, hits: [], error: "body: more than 1000 bytes" };
  await post(app).type("json").send(ofLength(1_001)).expect(413, tooLong);
  const packed = gzipSync(text.padEnd(5_000_000));
  const call = post(app).type("json").set("Content-Encoding", "gzip");
  await call
    .serialize((body: Buffer) => body as never)
    .send(packed)
    .expect(413, tooLong);
  expect(lookups.submissions).toHaveLength(1);
});

test("a client that must send all before it reads still gets its 413", async () => {
  await using app = await listenOn(createTestApp({ lookups: scriptLookups() }));
  const size = 3_000_000;
  const head = `POST ${root} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${size}\r\n\r\n`;
  expect(await sendRaw(app.port, head, Buffer.alloc(size, " "))).toMatch(
    /^HTTP\/1\.1 413 [\s\S]*more than 1000 bytes/,
  );
});

test("a body of another length than announced starts nothing", async () => {
  const lookups = scriptLookups();
  await using app = await listenOn(createTestApp({ lookups }));
  const head = `POST ${root} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n`;
  expect(await sendRaw(app.port, head, "zz\r\n")).toMatch(/^(HTTP\/1\.1 400 |$)/);
  expect(lookups.submissions).toEqual([]);
});
