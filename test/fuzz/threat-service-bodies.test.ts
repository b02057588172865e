import { brotliCompressSync, constants, deflateSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { fuzz, liveBytes } from "./fuzz.js";
import { cuts } from "./mangled.js";
import { changed, type Json } from "./odd-json.js";
import { exchangeRaw, parseAnswers } from "./raw-exchange.js";
import {
  canary,
  judged,
  knownBad,
  startServiceUnderTest,
  type ServiceUnderTest,
} from "./threat-service-under-test.js";

/** One of each kind that the platform sends. */
const artifacts: readonly Json[] = [
  { type: "net.name", value: knownBad },
  { type: "net.ip", value: "203.0.113.7" },
  { type: "net.uri", value: `https://user:${canary}@${canary}.example:8443/a?b=${canary}#c` },
  { type: "net.cidr", value: "198.51.100.0/24" },
  { type: "net.port", value: 443 },
  { type: "hash.md5", value: "d41d8cd98f00b204e9800998ecf8427e" },
  { type: "email.header", value: { name: "From", value: `${canary}@example.org` } },
  { type: "email.header.to", value: [`${canary}@example.org`, "b@example.org"] },
  { type: "system.registry", value: { key: `HKLM\\${canary}`, entry_name: "n", entry_value: "v" } },
  { type: "system.user.password", value: canary },
  { type: "string", value: canary },
  { type: "file.content", value: `${canary}.exe` },
];

type Edit = (bytes: Uint8Array | string) => Buffer;
const unchanged: Edit = (bytes) => Buffer.from(bytes as string);
const oftenUnchanged = fc.oneof(fc.constant(unchanged), cuts(2));

interface Sent {
  readonly artifact: Json;
  readonly charset: "utf8" | "latin1" | "utf16le";
  readonly spacing: number | undefined;
  readonly edit: Edit;
  readonly form: "json" | "text" | "multipart" | "with file" | "many parts" | "as file";
  readonly editForm: Edit;
  readonly coding: "identity" | "gzip" | "deflate" | "br" | "unknown";
  readonly editCoded: Edit;
  readonly root: string;
  readonly pieces: number;
  readonly isChunked: boolean;
}

const sent: fc.Arbitrary<Sent> = fc.record({
  artifact: fc
    .constantFrom(...artifacts)
    .chain((artifact) => fc.oneof(fc.constant(artifact), changed(artifact, 2))),
  charset: fc.constantFrom("utf8", "utf8", "utf8", "latin1", "utf16le"),
  spacing: fc.constantFrom(undefined, undefined, 2),
  edit: oftenUnchanged,
  form: fc.constantFrom(
    "json",
    "json",
    "text",
    "multipart",
    "multipart",
    "with file",
    "many parts",
    "as file",
  ),
  editForm: oftenUnchanged,
  coding: fc.constantFrom("identity", "identity", "identity", "gzip", "deflate", "br", "unknown"),
  editCoded: oftenUnchanged,
  root: fc.constantFrom("/cts/trustar", "/cts/trustar/", "/cts/trustar_cts"),
  pieces: fc.integer({ min: 1, max: 4 }),
  isChunked: fc.boolean(),
});

const boundary = "----fuzz";
const part = (head: string, body: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(`--${boundary}\r\n${head}\r\n\r\n`), body, Buffer.from("\r\n")]);

function parts({ form }: Sent, json: Buffer): readonly Buffer[] {
  const artifact = 'Content-Disposition: form-data; name="artifact"';
  const file = `Content-Disposition: form-data; name="file"; filename="${canary}.bin"`;
  const content = part(`${file}\r\nContent-Type: application/octet-stream`, Buffer.alloc(25_000, canary));
  switch (form) {
    case "with file":
      return [part(`${artifact}\r\nContent-Type: application/json`, json), content];
    case "as file":
      return [content, part(`${artifact}; filename="x.json"`, json)];
    case "many parts":
      return Array.from({ length: 40 }, (_, at) =>
        part(`Content-Disposition: form-data; name="p${at}"`, json),
      );
    case "json":
    case "text":
    case "multipart":
      return [part(artifact, json)];
  }
}

function bodyOf(one: Sent): { readonly type: string; readonly body: Buffer } {
  const json = one.edit(Buffer.from(JSON.stringify(one.artifact, undefined, one.spacing), one.charset));
  const charset =
    one.charset === "utf8" ? "" : `; charset=${one.charset === "latin1" ? "iso-8859-1" : "utf-16le"}`;
  if (one.form === "json") return { type: `application/json${charset}`, body: json };
  if (one.form === "text") return { type: `text/plain${charset}`, body: json };
  const whole = Buffer.concat([...parts(one, json), Buffer.from(`--${boundary}--\r\n`)]);
  return { type: `multipart/form-data; boundary=${boundary}`, body: one.editForm(whole) };
}

function encode(body: Buffer, coding: Sent["coding"]): Buffer {
  if (coding === "gzip") return gzipSync(body);
  if (coding === "deflate") return deflateSync(body);
  // At its best it takes a minute for some of these.
  const quick = { params: { [constants.BROTLI_PARAM_QUALITY]: 2 } };
  return coding === "br" ? brotliCompressSync(body, quick) : body;
}

/** The head and the framing are always right: what is at fault is in the body. */
function requestOf(one: Sent): readonly Uint8Array[] {
  const { type, body } = bodyOf(one);
  const coded = one.editCoded(encode(body, one.coding));
  const size = Math.ceil(coded.length / one.pieces) || 1;
  const pieces = Array.from({ length: one.pieces }, (_, at) => coded.subarray(at * size, (at + 1) * size));
  const head = [
    `POST ${one.root} HTTP/1.1`,
    "Host: x",
    "Connection: close",
    `Content-Type: ${type}`,
    ...(one.coding === "identity" ? [] : [`Content-Encoding: ${one.coding}`]),
    one.isChunked ? "Transfer-Encoding: chunked" : `Content-Length: ${coded.length}`,
  ];
  const chunks = pieces
    .filter((piece) => piece.length > 0)
    .map((piece) =>
      Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from("\r\n")]),
    );
  const framed = one.isChunked ? [...chunks, Buffer.from("0\r\n\r\n")] : pieces;
  return [Buffer.from(`${head.join("\r\n")}\r\n\r\n`), ...framed];
}

/** Nothing on its way was changed: then what TruSTAR knows must come out, or a reason why it can't. */
function isIntact({ edit, editForm, editCoded, charset, form }: Sent): boolean {
  return (
    [edit, editForm, editCoded].every((one) => one === unchanged) &&
    charset === "utf8" &&
    form !== "many parts"
  );
}

const isBad = (artifact: Json): boolean => JSON.stringify(artifact) === JSON.stringify(artifacts[0]);

describe.each([
  ["files taken", true],
  ["files left", false],
])("artifacts posted to the service, %s", (name, uploadFile) => {
  let service: ServiceUnderTest;
  beforeAll(async () => {
    service = await startServiceUnderTest(uploadFile);
  });
  afterAll(() => service[Symbol.asyncDispose]());

  let before = 0;
  let played = 0;
  fuzz(`bodies, ${name}`, 0.12, sent, async (one) => {
    // Not a burst: everybody gets the answer at once.
    service.clock.advance(5_000);
    const answers = parseAnswers(await exchangeRaw(service.server.port, requestOf(one)));
    expect(answers).toHaveLength(1);
    const [answer] = answers;
    const body = judged(answer!);
    expect([200, 400, 413]).toContain(answer!.status);
    if (answer!.status === 200 && isIntact(one) && isBad(one.artifact)) expect(body.hits).not.toEqual([]);
    if ((played += 1) === 200) before = liveBytes();
  });

  test("no value is in the log, and no line tells of a fault of ours", () => {
    const text = service.capture.text();
    expect(text).not.toContain(canary);
    expect(text).not.toContain("request failed unexpectedly");
    expect(text).not.toContain('"level":50');
  });

  test("no connection is left, and no memory", async () => {
    expect(liveBytes() - before).toBeLessThan(64 * 1024 * 1024);
    await service.server.stop(10_000);
  });
});
