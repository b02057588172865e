import { MultipartParser } from "../../../routes/body/multipart-parser.js";

type Part = readonly [headers: Readonly<Record<string, string>>, content: string];

/** Sends a body in pieces of `size` bytes. */
function parse(body: string, size = body.length): Part[] {
  const parts: Part[] = [];
  const parser = new MultipartParser("b", (headers) => {
    let content = "";
    return {
      take: (bytes) => (content += bytes.toString("latin1")),
      end: () => parts.push([Object.fromEntries(headers), content]),
    };
  });
  for (let at = 0; at < body.length; at += size)
    parser.write(Buffer.from(body.slice(at, at + size), "latin1"));
  parser.end();
  return parts;
}

const noEnd = "body: multipart ends without its closing boundary";
const badHeader = "body: multipart has a malformed or endless part header";

test.each<[string, string, readonly Part[]]>([
  ["no part", "--b--", []],
  ["one part", "--b\r\nA: 1\r\n\r\nx\r\n--b--", [[{ a: "1" }, "x"]]],
  ["an empty part", "--b\r\nA: 1\r\n\r\n\r\n--b--\r\n", [[{ a: "1" }, ""]]],
  ["a part without headers", "--b\r\n\r\nx\r\n--b--", [[{}, "x"]]],
  ["blanks behind a boundary", "--b \t\r\nA: 1\r\n\r\nx\r\n--b-- ", [[{ a: "1" }, "x"]]],
  ["a folded header", "--b\r\nA: 1;\r\n 2\r\n\r\nx\r\n--b--", [[{ a: "1; 2" }, "x"]]],
  ["a header twice", "--b\r\nA: 1\r\na: 2\r\n\r\nx\r\n--b--", [[{ a: "1" }, "x"]]],
  ["a preamble and an epilogue", "p--b\r\n--b\r\n\r\nx\r\n--b--\r\n--b\r\n\r\ny\r\n--b--", [[{}, "x"]]],
  [
    "what begins like a boundary",
    "--b\r\n\r\n\r\n--\r\r\n-b\n--b\r\n\r\n--b\r\n\r\n--b\r\r\n--b--",
    [
      [{}, "\r\n--\r\r\n-b\n--b\r\n"],
      [{}, "--b\r"],
    ],
  ],
])("%s is read, however it is cut", (_what, body, parts) => {
  for (let size = 1; size <= body.length; size++) expect(parse(body, size)).toEqual(parts);
});

test.each([
  ["no closing boundary", "--b\r\n\r\nx\r\n--b", noEnd],
  ["half a closing boundary", "--b\r\n\r\nx\r\n--b-", noEnd],
  ["a boundary that goes on", "--bc\r\n\r\nx\r\n--b--", badHeader],
  ["a header without a colon", "--b\r\nA\r\n\r\nx\r\n--b--", badHeader],
  ["a header without a name", "--b\r\n: 1\r\n\r\nx\r\n--b--", badHeader],
  ["a bare line feed in a header", "--b\r\nA: 1\nB: 2\r\n\r\nx\r\n--b--", badHeader],
  ["headers of more than 16 kB", `--b\r\nA: ${"x".repeat(16_384)}\r\n\r\nx\r\n--b--`, badHeader],
  ["headers of more than 16 kB that do not end", `--b\r\nA: ${"x".repeat(16_384)}`, badHeader],
])("%s is refused, however it is cut", (_what, body, error) => {
  for (const size of [1, 2, 3, 7, body.length]) expect(() => parse(body, size)).toThrow(error);
});
