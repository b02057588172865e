import { charsetOf, decodeText, withoutBom } from "../../../routes/body/decode-text.js";

test("drops a byte order mark, once", () => {
  expect(decodeText(Buffer.from("\uFEFF{}"), "utf-8", "body")).toBe("{}");
  expect(withoutBom("\uFEFF\uFEFF{}")).toBe("\uFEFF{}");
});

test("refuses what isn't text in the charset", () => {
  expect(() => decodeText(Buffer.from([0x7b, 0xff, 0x7d]), "utf-8", "artifact")).toThrow(
    "artifact: not valid UTF-8",
  );
  expect(() => decodeText(Buffer.from("{}"), "klingon", "body")).toThrow("body: unknown charset");
});

test("reads older clients' Latin-1 when they say so", () => {
  const charset = charsetOf("application/json; charset=ISO-8859-1");
  expect(decodeText(Buffer.from("é", "latin1"), charset, "body")).toBe("é");
});

test.each([
  [undefined, "utf-8"],
  ["application/json", "utf-8"],
  ["application/json;charset=UTF-8", "UTF-8"],
  ['application/json; a=b; Charset="utf-16le"', "utf-16le"],
])("charset of %s is %s", (contentType, charset) => {
  expect(charsetOf(contentType)).toBe(charset);
});
