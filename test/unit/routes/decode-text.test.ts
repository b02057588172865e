import { charsetOf, decodeText } from "../../../routes/body/decode-text.js";

test("drops a byte order mark, once", () => {
  expect(decodeText(Buffer.from("\uFEFF{}"), "utf-8", "body")).toBe("{}");
  expect(decodeText(Buffer.from("\uFEFF\uFEFF{}"), "utf-8", "body")).toBe("\uFEFF{}");
});

test("refuses what isn't text in the charset", () => {
  for (const charset of ["utf-8", "UTF_8"]) {
    expect(() => decodeText(Buffer.from([0x7b, 0xff, 0x7d]), charset, "artifact")).toThrow(
      "artifact: not valid UTF-8",
    );
  }
});

test.each(["klingon", "utf-80", "utf_32", "iso8859_99", "8859", "windows", "", "_", "base64", "replacement"])(
  "%j is no charset",
  (charset) => {
    expect(() => decodeText(Buffer.from("{}"), charset, "body")).toThrow("body: unknown charset");
  },
);

const cyrillic = Buffer.from([0xc1, 0xc2]); // "аб" in KOI8-R
const latin1 = Buffer.from([0xe9, 0xfc]);
const text = "é€\u{1F600}";
const bigEndian = Buffer.from(text, "utf16le").swap16();

test.each<[string, Buffer, string]>([
  ["utf-8 UTF8 utf_8 Utf-8 utf_8_sig utf-8-sig", Buffer.from(text), text],
  ["utf-16le UTF_16LE utf_16_le utf-16-le UTF-16 utf16 utf_16 ucs-2", Buffer.from(text, "utf16le"), text],
  ["utf-16be UTF_16BE utf_16_be UTF-16-BE", bigEndian, text],
  ["UTF-16 utf16 utf_16", Buffer.concat([Buffer.from([0xfe, 0xff]), bigEndian]), text],
  ["UTF-16 utf16 utf_16", Buffer.from(`\uFEFF${text}`, "utf16le"), text],
  ["iso-8859-1 ISO8859_1 ISO_8859_1 iso8859-1 8859_1 latin_1 Latin1 l1", latin1, "éü"],
  ["us-ascii us_ascii US_ASCII ascii", Buffer.from("{}"), "{}"],
  ["iso-8859-15 ISO8859_15 iso8859-15 iso8859_15 8859_15 ISO_8859-15", Buffer.from([0xa4]), "€"],
  ["windows-1252 windows_1252 Windows1252 cp1252 Cp1252", Buffer.from([0x80, 0x93, 0x9f, 0xe9]), "€“Ÿé"],
  ["windows-1251 windows_1251 Cp1251 cp1251", Buffer.from([0xe0, 0xe1]), "аб"],
  ["koi8-r KOI8_R koi8_r", cyrillic, "аб"],
  ["shift_jis Shift-JIS SJIS", Buffer.from([0x82, 0xa0]), "あ"],
  ["euc-jp EUC_JP euc_jp", Buffer.from([0xa4, 0xa2]), "あ"],
])("as Java, Python and the Web spell it: %s", (spellings, bytes, expected) => {
  for (const spelling of spellings.split(" ")) {
    const read = [spelling, `"${spelling}"`, `'${spelling}'`].map((written) =>
      decodeText(bytes, charsetOf(`application/json; charset=${written}`), "body"),
    );
    expect([spelling, ...read]).toEqual([spelling, expected, expected, expected]);
  }
});

test.each([
  [undefined, "utf-8"],
  ["application/json", "utf-8"],
  ["application/json; charset=", "utf-8"],
  ['application/json; charset=""', "utf-8"],
  ["application/json;charset=UTF-8", "utf-8"],
  ["application/json; charset='utf-8'; x=y", "utf-8"],
  ['application/json; a=b; Charset="utf-16le"', "utf-16le"],
])("charset of %s is %s", (contentType, charset) => {
  expect(charsetOf(contentType)).toBe(charset);
});
