import { createHash } from "node:crypto";
import { once } from "node:events";
import net from "node:net";
import request from "supertest";
import { until } from "../support/lookup-fixtures.js";
import {
  artifactPart,
  BOUNDARY,
  createTestApp,
  filePart,
  listenOn,
  multipart,
  scriptLookups,
  sendRaw,
  type Part,
} from "../support/http-fixture.js";

const root = "/cts/trustar";
const artifact = { type: "file.content", value: "Müller.exe" };
const text = JSON.stringify(artifact);
const contentType = `multipart/form-data; boundary=${BOUNDARY}`;
const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, i) => (i * 7) % 256));
const hex = (algorithm: string, data: Buffer = bytes): string =>
  createHash(algorithm).update(data).digest("hex");
const digestsOf = (data: Buffer): object => ({
  md5: hex("md5", data),
  sha1: hex("sha1", data),
  sha256: hex("sha256", data),
});

type App = ReturnType<typeof createTestApp>;

function post(app: App, body: Buffer | string, type = contentType): request.Test {
  const call = request(app).post(root).redirects(0).set("Content-Type", type);
  return call.serialize((raw: Buffer) => raw as never).send(body as string);
}

const field = (name: string, body: string, type = "text/plain"): Part => ({
  headers: [`Content-Disposition: form-data; name="${name}"`, `Content-Type: ${type}`],
  body,
});

describe("the artifact's part", () => {
  test.each<[string, Part[]]>([
    ["as the platform sends it", [artifactPart(text)]],
    [
      "without any header of its own",
      [{ headers: ['Content-Disposition: form-data; name="artifact"'], body: text }],
    ],
    [
      "with header names in other letters",
      [
        field("x", "no JSON"),
        { headers: ["content-disposition: FORM-DATA; NAME=artifact; name=x"], body: text },
      ],
    ],
    [
      "with a folded header",
      [{ headers: ["Content-Disposition: form-data;", ' name="artifact"'], body: text }],
    ],
    ["labelled as a file", [{ ...filePart(text, 'name="artifact"; filename="a.json"') }]],
    ["labelled as bytes", [{ ...filePart(text, 'name="artifact"') }]],
    [
      "with its name in quotes and escapes",
      [field("x", "no JSON"), artifactPart(text, String.raw`arti\fact`)],
    ],
    [
      "with an empty file name",
      [{ headers: ['Content-Disposition: form-data; name="dto"; filename=""'], body: text }],
    ],
    [
      "after parts whose disposition is none of a form or broken",
      [
        ...[
          "attachment; name=artifact",
          "form-data; name",
          'form-data; name="artifact',
          "form-datax; name=artifact",
        ].map((disposition) => ({ headers: [`Content-Disposition: ${disposition}`], body: "no JSON" })),
        { headers: ["X: no disposition"], body: "no JSON" },
        artifactPart(text, "dto"),
      ],
    ],
    ["with a byte order mark", [artifactPart(`\uFEFF${text}`)]],
    ["as a file with a byte order mark", [filePart(`\uFEFF${text}`, 'name="artifact"')]],
    ["under another name", [artifactPart(text, "dto")]],
    ["without a name", [{ headers: ["Content-Disposition: form-data"], body: text }]],
    ["after other fields", [field("note", "not JSON"), artifactPart(text)]],
    ["before another one", [artifactPart(text), artifactPart('{"type":"t","value":"second"}')]],
    ["after the file", [filePart(bytes), artifactPart(text)]],
    ["under another name after the file", [filePart(bytes), artifactPart(text, "dto")]],
    [
      "after a part named file that isn't labelled so",
      [field("file", "plain words"), artifactPart(text, "dto")],
    ],
  ])("is read %s", async (_how, parts) => {
    const lookups = scriptLookups();
    await post(createTestApp({ lookups }), multipart(...parts)).expect(200);
    expect(lookups.submissions).toEqual([{ sourceText: text, artifact, file: undefined }]);
  });

  test("keeps its line breaks, whatever they are", async () => {
    const lookups = scriptLookups();
    const sourceText = '{\n"type": "file.content",\r\n"value": "Müller.exe"\r\n}\n';
    await post(createTestApp({ lookups }), multipart(artifactPart(sourceText))).expect(200);
    expect(lookups.submissions[0]).toMatchObject({ sourceText, artifact });
  });

  test("may hold a U+FFFD of its own", async () => {
    const lookups = scriptLookups();
    const sourceText = '{"type":"file.name","value":"M\uFFFDller.exe"}';
    await post(createTestApp({ lookups }), multipart(artifactPart(sourceText))).expect(200);
    expect(lookups.submissions[0]?.sourceText).toBe(sourceText);
  });

  const latin1 = Buffer.from(text, "latin1");
  test.each<[string, Buffer]>([
    ["ISO-8859-1", latin1],
    ["ISO8859_1", latin1],
    ["latin_1", latin1],
    ['"windows_1252"', latin1],
    ["UTF8", Buffer.from(text)],
    ["utf_8", Buffer.from(text)],
    ["'utf-8'", Buffer.from(text)],
    ["utf_16_le", Buffer.from(text, "utf16le")],
  ])("may be in %s when it says so, as a field or a file", async (charset, body) => {
    const lookups = scriptLookups();
    const inField = field("artifact", "", `application/json; charset=${charset}`);
    const [disposition = "", type = ""] = inField.headers;
    const inFile = [`${disposition}; filename="a.json"`, type];
    await post(createTestApp({ lookups }), multipart({ ...inField, body })).expect(200);
    await post(createTestApp({ lookups }), multipart({ headers: inFile, body })).expect(200);
    expect(lookups.submissions.map(({ sourceText }) => sourceText)).toEqual([text, text]);
  });

  test("in another charset than the part before it is read in its own", async () => {
    const lookups = scriptLookups();
    const body = {
      ...field("artifact", "", "application/json; charset=utf-16le"),
      body: Buffer.from(text, "utf16le"),
    };
    const before = { ...field("note", "", "text/plain; charset=latin1"), body: latin1 };
    await post(createTestApp({ lookups }), multipart(before, body, filePart(bytes))).expect(200);
    await post(createTestApp({ lookups }), multipart(before, artifactPart(text))).expect(200);
    expect(lookups.submissions.map(({ sourceText }) => sourceText)).toEqual([text, text]);
  });

  test.each([
    [
      "with a preamble and an epilogue",
      Buffer.concat([Buffer.from("hello\r\n"), multipart(artifactPart(text)), Buffer.from("bye")]),
    ],
    ["with a blank line in front", Buffer.concat([Buffer.from("\r\n"), multipart(artifactPart(text))])],
    [
      "with blanks behind the closing boundary",
      Buffer.concat([multipart(artifactPart(text)), Buffer.from("  \r\n")]),
    ],
  ])("is found in a body %s", async (_how, body) => {
    const lookups = scriptLookups();
    await post(createTestApp({ lookups }), body).expect(200);
    expect(lookups.submissions).toHaveLength(1);
  });

  test.each([
    `Multipart/Form-Data; Boundary="${BOUNDARY}"`,
    `multipart/form-data; boundary=${BOUNDARY};`,
    `multipart/form-data; charset=UTF-8; boundary=${BOUNDARY}`,
    `multipart/form-data;boundary=${BOUNDARY}; type=a/b`,
  ])("is found under the content type %s", async (type) => {
    const lookups = scriptLookups();
    await post(createTestApp({ lookups }), multipart(artifactPart(text)), type).expect(200);
    expect(lookups.submissions).toHaveLength(1);
  });
});

describe("refused with the exact place", () => {
  const whole = multipart(artifactPart(text));
  const invalid = Buffer.from([0x7b, 0xc3, 0x28, 0x7d]);

  test.each<[string, Buffer, string]>([
    ["no part at all", multipart(), "artifact: this part is missing"],
    ["only a file", multipart(filePart(bytes)), "artifact: this part is missing"],
    ["nothing", Buffer.alloc(0), "body: multipart ends without its closing boundary"],
    [
      "cut within the part",
      whole.subarray(0, whole.length - 60),
      "body: multipart ends without its closing boundary",
    ],
    ["cut within the headers", whole.subarray(0, 40), "body: multipart ends without its closing boundary"],
    [
      "cut within a file",
      multipart(artifactPart(text), filePart(bytes)).subarray(0, 50_000),
      "body: multipart ends without its closing boundary",
    ],
    [
      "LF line ends only",
      Buffer.from(whole.toString().replaceAll("\r\n", "\n")),
      "body: multipart ends without its closing boundary",
    ],
    [
      "another boundary",
      Buffer.from(whole.toString().replaceAll("test", "best")),
      "body: multipart ends without its closing boundary",
    ],
    [
      "a broken header",
      multipart({ headers: ["Content Disposition"], body: text }),
      "body: multipart has a malformed or endless part header",
    ],
    [
      "an endless header",
      multipart({ headers: [`X-Long: ${"x".repeat(20_000)}`], body: text }),
      "body: multipart has a malformed or endless part header",
    ],
    ["too many parts", multipart(...Array<Part>(17).fill(artifactPart(text))), "body: more than 16 parts"],
    ["invalid UTF-8", multipart(artifactPart(invalid)), "artifact: not valid UTF-8"],
    ["invalid UTF-8 in a file", multipart(filePart(invalid, 'name="artifact"')), "artifact: not valid UTF-8"],
    [
      "an unknown charset",
      multipart(field("artifact", text, "text/plain; charset=none")),
      "artifact: unknown charset",
    ],
    [
      "an unknown charset in a file",
      multipart({
        headers: [
          'Content-Disposition: form-data; name="artifact"; filename="a"',
          "Content-Type: a/b; charset=none",
        ],
        body: text,
      }),
      "artifact: unknown charset",
    ],
    [
      "a U+FFFD beside invalid UTF-8",
      multipart(artifactPart(Buffer.concat([Buffer.from("\uFFFD"), invalid]))),
      "artifact: not valid UTF-8",
    ],
    ["no JSON", multipart(artifactPart("{type")), "artifact: not valid JSON (at position 1)"],
    ["an empty part", multipart(artifactPart("")), "artifact: empty, expected a JSON object"],
    [
      "no value",
      multipart(artifactPart('{"type":"t"}')),
      "value: expected a string, number, object or array, got nothing",
    ],
  ])("%s", async (_kind, body, error) => {
    const lookups = scriptLookups();
    for (const uploadFile of [false, true]) {
      await post(createTestApp({ lookups, uploadFile }), body).expect(400, { id: null, hits: [], error });
    }
    expect(lookups.submissions).toEqual([]);
  });

  test("exactly as many parts as allowed are fine", async () => {
    const lookups = scriptLookups();
    const body = multipart(...Array<Part>(16).fill(artifactPart(text)));
    await post(createTestApp({ lookups }), body).expect(200);
  });

  test.each(["multipart/form-data", "multipart/form-data; boundary=", 'multipart/form-data; boundary=""'])(
    "%s has no boundary",
    async (type) => {
      const error = "content-type: multipart without a boundary";
      const app = createTestApp({ lookups: scriptLookups() });
      await post(app, multipart(artifactPart(text)), type).expect(400, { id: null, hits: [], error });
    },
  );

  test("packed multipart", async () => {
    const app = createTestApp({ lookups: scriptLookups() });
    const response = await post(app, multipart(artifactPart(text))).set("Content-Encoding", "gzip");
    expect(response.status).toBe(400);
    expect(response.body.error).toBe("content-encoding: not supported for multipart");
  });
});

describe("the file", () => {
  test.each<[string, Part]>([
    ["as the platform sends it", filePart(bytes)],
    ["with a name beyond ASCII", filePart(bytes, 'name="file"; filename="Müller 报告.exe"')],
    ["with an encoded name", filePart(bytes, "name=\"file\"; filename*=UTF-8''M%C3%BCller.exe")],
    ["with a Windows path", filePart(bytes, 'name="file"; filename="C:\\temp\\x.exe"')],
    ["without a name", filePart(bytes, 'name="file"')],
    ["under another name", filePart(bytes, 'name="upload"; filename="x"')],
    [
      "labelled only by its name",
      { headers: ['Content-Disposition: form-data; name="f"; filename="x"'], body: bytes },
    ],
    [
      "labelled only by its encoded name",
      { headers: ["Content-Disposition: form-data; name=f; filename*=UTF-8''x"], body: bytes },
    ],
  ])("is hashed %s, before or after the artifact", async (_how, part) => {
    const lookups = scriptLookups();
    const app = createTestApp({ lookups, uploadFile: true });
    await post(app, multipart(artifactPart(text), part)).expect(200);
    await post(app, multipart(part, artifactPart(text))).expect(200);
    expect(lookups.submissions).toEqual(
      Array(2).fill({ sourceText: text, artifact, file: digestsOf(bytes) }),
    );
  });

  test("named file goes before others", async () => {
    const lookups = scriptLookups();
    const body = multipart(
      filePart("other", 'name="x"'),
      artifactPart(text),
      filePart(bytes),
      filePart("y", 'name="y"'),
    );
    await post(createTestApp({ lookups, uploadFile: true }), body).expect(200);
    expect(lookups.submissions[0]?.file).toEqual(digestsOf(bytes));
  });

  test("may be empty, and may contain what looks like a boundary", async () => {
    const lookups = scriptLookups();
    const app = createTestApp({ lookups, uploadFile: true });
    const tricky = Buffer.from(`\r\n--${BOUNDARY.slice(0, -1)}\r\n--\r\n\r`);
    await post(app, multipart(artifactPart(text), filePart(""))).expect(200);
    await post(app, multipart(artifactPart(text), filePart(tricky))).expect(200);
    expect(lookups.submissions.map(({ file }) => file)).toEqual([
      digestsOf(Buffer.alloc(0)),
      digestsOf(tricky),
    ]);
  });

  test("is read past when files aren't wanted, whatever its size", async () => {
    const lookups = scriptLookups();
    const app = createTestApp({ lookups, maxUploadBytes: 10 });
    await post(app, multipart(filePart(bytes), artifactPart(text))).expect(200);
    expect(lookups.submissions).toEqual([{ sourceText: text, artifact, file: undefined }]);
  });

  test("arrives intact in many small packets", async () => {
    const lookups = scriptLookups();
    await using app = await listenOn(createTestApp({ lookups, uploadFile: true }));
    const body = multipart(filePart(bytes.subarray(0, 700)), artifactPart(text));
    const head = `POST ${root} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: ${contentType}\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const pieces: Buffer[] = [];
    for (let at = 0; at < body.length; at += 7) {
      const chunk = body.subarray(at, at + 7);
      pieces.push(
        Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from("\r\n")]),
      );
    }
    expect(await sendRaw(app.port, head, ...pieces, "0\r\n\r\n")).toMatch(/^HTTP\/1\.1 200 /);
    expect(lookups.submissions).toEqual([
      { sourceText: text, artifact, file: digestsOf(bytes.subarray(0, 700)) },
    ]);
  });
});

describe("too much", () => {
  const refused = (error: string): object => ({ id: null, hits: [], error });

  test("artifact, as a field or as a file, is a 413; exactly as much as allowed is fine", async () => {
    const lookups = scriptLookups();
    const app = createTestApp({ lookups });
    const ofLength = (length: number): string => text.padEnd(length - 1);
    for (const part of [artifactPart, (body: string) => filePart(body, 'name="artifact"')]) {
      await post(app, multipart(part(ofLength(1_000)))).expect(200);
      await post(app, multipart(part(ofLength(1_001)))).expect(
        413,
        refused("artifact: more than 1000 bytes"),
      );
    }
    expect(lookups.submissions).toHaveLength(2);
  });

  test("file is a 413; exactly as much as allowed is fine", async () => {
    const lookups = scriptLookups();
    const app = createTestApp({ lookups, uploadFile: true, maxUploadBytes: 50_000 });
    await post(app, multipart(artifactPart(text), filePart(bytes.subarray(0, 50_000)))).expect(200);
    const error = "file: more than 50000 bytes";
    await post(app, multipart(artifactPart(text), filePart(bytes.subarray(0, 50_001)))).expect(
      413,
      refused(error),
    );
    expect(lookups.submissions).toHaveLength(1);
  });

  test("a client that must send all before it reads still gets its 413", async () => {
    const lookups = scriptLookups();
    await using app = await listenOn(createTestApp({ lookups, uploadFile: true, maxUploadBytes: 1_000 }));
    const body = multipart(artifactPart(text), filePart(Buffer.alloc(5_000_000)));
    const head = `POST ${root} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: ${contentType}\r\nContent-Length: ${body.length}\r\n\r\n`;
    expect(await sendRaw(app.port, head, body)).toMatch(/^HTTP\/1\.1 413 [\s\S]*file: more than 1000 bytes/);
    expect(lookups.submissions).toEqual([]);
  });

  test("a large field that isn't the artifact harms nobody", async () => {
    const lookups = scriptLookups();
    const body = multipart(field("note", "x".repeat(5_000)), artifactPart(text));
    await post(createTestApp({ lookups }), body).expect(200);
  });
});

test.each([
  ["in a file", multipart(artifactPart(text), filePart(bytes)).subarray(0, 50_000)],
  ["in the artifact", multipart(artifactPart(text)).subarray(0, 200)],
  ["before the first part", Buffer.from("--")],
])("a client that leaves %s starts no look-up and leaves nothing behind", async (_where, start) => {
  const lookups = scriptLookups();
  await using app = await listenOn(createTestApp({ lookups, uploadFile: true }));
  const seen = once(app.server, "request");
  const socket = net.connect(app.port, "127.0.0.1");
  const head = `POST ${root} HTTP/1.1\r\nHost: x\r\nContent-Type: ${contentType}\r\nContent-Length: 90000\r\n\r\n`;
  socket.write(head);
  socket.write(start);
  const [req, res] = (await seen) as [NodeJS.EventEmitter, NodeJS.EventEmitter];
  const gone = once(res, "close");
  socket.destroy();
  await gone;
  let connections = 1;
  await until(() => {
    app.server.getConnections((_error, count) => (connections = count));
    return connections === 0;
  }, "the end of the connection");
  expect(lookups.submissions).toEqual([]);
  expect(req.listenerCount("data")).toBe(0);
});
