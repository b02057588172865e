import fc from "fast-check";

interface Cut {
  /** From 0 to 1: where in what is there. */
  readonly at: number;
  readonly length: number;
  readonly how: "drop" | "repeat" | "insert" | "flip" | "end";
  readonly bytes: Uint8Array;
}

const snippets = [
  "\0",
  "\r\n",
  "\r\n\r\n",
  "\n\n",
  "{",
  "}",
  '"',
  "\\u0000",
  "\\ud800",
  ":",
  ",",
  "[[[[[[[[",
  "-",
  "e999",
  "%",
  "$",
  "^",
  "=",
  ";",
  "\ufeff",
  "é",
  "🦔",
  "__proto__",
].map((text) => Buffer.from(text));

const bytes = fc.oneof(
  fc.constantFrom<Uint8Array>(
    ...snippets,
    Buffer.from([0xff]),
    Buffer.from([0xed, 0xa0, 0x80]),
    Buffer.from([0xc3]),
  ),
  fc.uint8Array({ maxLength: 12 }),
);

const cut: fc.Arbitrary<Cut> = fc.record({
  // Not `fc.double`, which is nearly always near 0.
  at: fc.integer({ min: 0, max: 100_000 }).map((part) => part / 100_000),
  length: fc.nat(20),
  how: fc.constantFrom("drop", "repeat", "insert", "insert", "flip", "end"),
  bytes,
});

/** The same bytes, or with something dropped, doubled, put in, flipped or cut off. */
export function mangled(original: Uint8Array | string, maxCuts = 3): fc.Arbitrary<Buffer> {
  return cuts(maxCuts).map((edit) => edit(original));
}

/** As `mangled`, for bytes that are only known later. */
export function cuts(maxCuts = 3): fc.Arbitrary<(original: Uint8Array | string) => Buffer> {
  return fc
    .array(cut, { maxLength: maxCuts })
    .map((all) => (original) => all.reduce<Buffer>(apply, Buffer.from(original as string)));
}

function apply(original: Buffer, { at, length, how, bytes: inserted }: Cut): Buffer {
  const start = Math.floor(at * original.length);
  const [before, middle, after] = [
    original.subarray(0, start),
    original.subarray(start, start + length),
    original.subarray(start + length),
  ];
  switch (how) {
    case "drop":
      return Buffer.concat([before, after]);
    case "repeat":
      return Buffer.concat([before, middle, middle, after]);
    case "insert":
      return Buffer.concat([before, inserted, middle, after]);
    case "flip":
      return Buffer.concat([before, middle.map((byte) => byte ^ 0x20), after]);
    case "end":
      return before;
  }
}
