import { FrameError, FrameReader } from "../../../services/stomp/frame-reader.js";
import { encodeFrame } from "../../../services/stomp/frame.js";
import { growthOf } from "../../support/cpu-time.js";

/** What comes out of these pieces, as texts. */
function read(...pieces: readonly (string | Buffer)[]): readonly (readonly [string, string])[] {
  const reader = new FrameReader();
  return pieces.flatMap((piece) =>
    [...reader.push(Buffer.from(piece))].map(({ head, body }) => [head.toString(), body.toString()] as const),
  );
}

const stream = Buffer.concat([
  Buffer.from("\n\r\n"),
  encodeFrame("MESSAGE", { ack: "\u00e0 ", destination: "q" }, Buffer.from("a\0\n\nb\u20ac")),
  Buffer.from("\n\n"),
  Buffer.from("RECEIPT\r\nreceipt-id:1\r\n\r\n\0"),
  encodeFrame("MESSAGE", {}, Buffer.alloc(0)),
  Buffer.from("ERROR\n\nto the end\0\n"),
]);
const frames = [
  ["MESSAGE\nack:\u00e0 \ndestination:q\n\n", "a\0\n\nb\u20ac"],
  ["RECEIPT\nreceipt-id:1\n\n", ""],
  ["MESSAGE\n\n", ""],
  ["ERROR\n\n", "to the end"],
];

it("finds the frames, wherever what comes is cut", () => {
  expect(read(stream)).toEqual(frames);
  for (let at = 0; at <= stream.length; at += 1) {
    expect(read(stream.subarray(0, at), stream.subarray(at))).toEqual(frames);
  }
  expect(read(...[...stream].map((byte) => Buffer.from([byte])))).toEqual(frames);
});

it.each([
  ["a content-length that is none", "MESSAGE\ncontent-length:x\n\n\0"],
  ["a content-length that is none", "MESSAGE\ncontent-length:-1\n\n\0"],
  ["a frame that is longer than its content-length", "MESSAGE\ncontent-length:1\n\nab\0"],
  ["a frame of more than 8388608 bytes", "MESSAGE\ncontent-length:8388609\n\n"],
  ["a header without a value", "MESSAGE\nack\n\n\0"],
  ["a frame of more than 200 headers", `MESSAGE\n${"a:b\n".repeat(201)}\n\0`],
  ["headers of more than 65536 bytes", `MESSAGE\na:${"b".repeat(65_536)}`],
  ["headers of more than 65536 bytes", `MESSAGE\na:${"b".repeat(65_536)}\n\n\0`],
  ["headers of more than 65536 bytes", "M".repeat(70_000)],
])("refuses %s", (problem, text) => {
  expect(() => read(text)).toThrow(new FrameError(problem));
  const pieces = text.length < 2_000 ? Array.from(text) : (text.match(/[\s\S]{1,1000}/g) ?? []);
  expect(() => read(...pieces)).toThrow(new FrameError(problem));
});

it.each([" ", "\t", "\u00a0", "\u3000", "\r"])("hands on few of many blanks (%j) in a header", (blank) => {
  const [frame] = read(`MESSAGE\r\nack:a${blank.repeat(15_000)}b\u00e0\r\nid: 1\r\n\r\n\0`);
  expect(frame).toEqual(["MESSAGE\nack:a b\u00e0\nid: 1\n\n", ""]);
  const few = `MESSAGE\nack:a${"\u3000".repeat(100)}b\n\n`;
  expect(read(`${few}\0`)).toEqual([[few, ""]]);
});

it("takes the first of several lengths, as STOMP wants", () => {
  expect(read("MESSAGE\ncontent-length:3\ncontent-length:1\n\na\0b\0")).toEqual([["MESSAGE\n\n", "a\0b"]]);
});

it("takes a body up to its limit, announced or not, and not one byte more", () => {
  const most = Buffer.alloc(8 * 1024 * 1024, "x");
  for (const start of ["MESSAGE\ncontent-length:8388608\n\n", "MESSAGE\n\n"]) {
    const reader = new FrameReader();
    const pieces = [
      Buffer.from(start),
      most.subarray(0, 5_000_000),
      most.subarray(5_000_000),
      Buffer.alloc(1),
    ];
    const bodies = pieces.flatMap((piece) => [...reader.push(piece)].map(({ body }) => body.length));
    expect(bodies).toEqual([most.length]);
  }
  const reader = new FrameReader();
  expect(() => [
    ...reader.push(Buffer.from("MESSAGE\n\n")),
    ...reader.push(most),
    ...reader.push(Buffer.from("x")),
  ]).toThrow(FrameError);
});

it.each(["MESSAGE\n\n\0", "M", "a:b\n", "\n", "\r", "\0", "MESSAGE\ncontent-length:0\n\n\0"])(
  "takes time in proportion to what comes, of %j",
  (unit) => {
    const work = (n: number) => {
      const bytes = Buffer.from(unit.repeat(n));
      return () => {
        const reader = new FrameReader();
        try {
          for (let at = 0; at < bytes.length; at += 1_000)
            Array.from(reader.push(bytes.subarray(at, at + 1_000)));
        } catch (error) {
          if (!(error instanceof FrameError)) throw error;
        }
      };
    };
    expect(growthOf(work)).toBeLessThan(3);
  },
);
