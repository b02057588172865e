import { once } from "node:events";
import { Readable } from "node:stream";
import { takeUpTo } from "../../../routes/body/take-up-to.js";

/** Sends `chunks` to its end. */
async function run(maxBytes: number, chunks: readonly string[]) {
  const stream = Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
  const taken: string[] = [];
  const size = takeUpTo(maxBytes, stream, (chunk) => taken.push(chunk.toString()));
  await once(stream, "end");
  return { taken, isExceeded: size.isExceeded() };
}

test.each([
  ["nothing", [], [], false],
  ["less", ["abc"], ["abc"], false],
  ["exactly as much, in pieces", ["abc", "de"], ["abc", "de"], false],
  ["one byte more", ["abc", "def"], ["abc"], true],
  ["far more: a small chunk behind a large one is not taken either", ["abc", "defghi", "j"], ["abc"], true],
])(
  "of %s than the limit it takes no more than fits, and reads to the end",
  async (_what, sent, taken, isExceeded) => {
    expect(await run(5, sent)).toEqual({ taken, isExceeded });
  },
);
