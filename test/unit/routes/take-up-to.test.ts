import { takeUpTo } from "../../../routes/body/take-up-to.js";

/** Sends `chunks` to its end. */
function run(maxBytes: number, chunks: readonly string[]) {
  const taken: string[] = [];
  let isExceeded: boolean | undefined;
  const reader = takeUpTo(
    maxBytes,
    (bytes) => taken.push(bytes.toString()),
    (given) => (isExceeded = given),
  );
  for (const chunk of chunks) reader.take(Buffer.from(chunk));
  reader.end();
  return { taken, isExceeded };
}

test.each([
  ["nothing", [], [], false],
  ["less", ["abc"], ["abc"], false],
  ["exactly as much, in pieces", ["abc", "de"], ["abc", "de"], false],
  ["one byte more", ["abc", "def"], ["abc"], true],
  ["far more: a small chunk behind a large one is not taken either", ["abc", "defghi", "j"], ["abc"], true],
])(
  "of %s than the limit it takes no more than fits, and reads to the end",
  (_what, sent, taken, isExceeded) => {
    expect(run(5, sent)).toEqual({ taken, isExceeded });
  },
);
