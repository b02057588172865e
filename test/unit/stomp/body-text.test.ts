import { fc } from "../../support/fast-check.js";
import { bodyText } from "../../../services/stomp/body-text.js";

/** As a Java writer of modified UTF-8 does it: each half of a surrogate pair on its own. */
function cesu8(text: string): Buffer {
  const units = Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
  return Buffer.concat(
    units.map((unit) =>
      unit >= 0xd800 && unit <= 0xdfff
        ? Buffer.from([0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f)])
        : Buffer.from(String.fromCharCode(unit)),
    ),
  );
}

const text = fc.string({ unit: "binary" });

it("reads UTF-8", () => {
  fc.assert(fc.property(text, (value) => bodyText(Buffer.from(value)) === value.replace(/^\ufeff/, "")));
});

it("reads surrogates encoded one by one", () => {
  fc.assert(fc.property(text, (value) => bodyText(cesu8(value)) === value.replace(/^\ufeff/, "")));
});

it("never throws, and keeps what can be read", () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => typeof bodyText(bytes) === "string"));
  expect(bodyText(Buffer.from([0x61, 0xed, 0xa0, 0xbe, 0x62]))).toMatch(/^a\ufffd+b$/);
  expect(bodyText(Buffer.from([0xed, 0xb6, 0x94, 0xed, 0xa0, 0xbe]))).toMatch(/^\ufffd+$/);
  expect(bodyText(Buffer.from([0xff, 0xed, 0xa0]))).toMatch(/^\ufffd+$/);
});
