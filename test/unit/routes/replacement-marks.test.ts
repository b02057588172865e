import { fc } from "../../support/fast-check.js";
import { ReplacementMarks } from "../../../routes/body/replacement-marks.js";

function marksOf(bytes: Buffer, cuts: readonly number[] = []): ReplacementMarks {
  const marks = new ReplacementMarks();
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  for (let i = 1; i < at.length; i++) marks.feed(bytes.subarray(at[i - 1], at[i]));
  return marks;
}

test("a mark that was sent is no invention, wherever the packets are cut", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("a", "é", "\uFFFD", "\u{1F600}")),
      fc.array(fc.nat()),
      (letters, cuts) => {
        const text = letters.join("");
        expect(marksOf(Buffer.from(text), cuts).invented(text)).toBe(false);
      },
    ),
  );
});

test("a mark that stands for broken bytes is one", () => {
  const bytes = Buffer.concat([Buffer.from("a\uFFFDb"), Buffer.from([0xff])]);
  expect(marksOf(bytes).invented(bytes.toString("utf8"))).toBe(true);
});
