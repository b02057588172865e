import fc from "fast-check";
import { fuzz } from "./fuzz.js";
import { growthOf, textOf, work, type Growth, type Run, type Shape } from "./growth.js";
import { formerFaults, shapesOf } from "./growth-shapes.js";
import { notFromOutside, subjects } from "./growth-subjects.js";
import { functionsCalledBy, readSourceTexts } from "./text-functions.js";

/** Of all cases of the fuzzer: one sweep over the units in a slice, two in a long run. A sweep takes most of a minute. */
const share = 1 / 50_000;
/** For a machine that is busy with other things. */
const longestMs = 10 * 60_000;
const source = readSourceTexts();

async function expectProportion(run: Run, shapes: readonly Shape[]): Promise<void> {
  for (const shape of shapes) {
    const growth = await growthOf(run, shape);
    if (growth !== undefined) throw new Error(inWords(growth));
  }
}

function inWords({ shape, chars, ms, exponent }: Growth): string {
  const took = `${chars} characters took ${ms.toFixed(1)} ms, and time grows with their ${exponent.toFixed(1)}th power`;
  return `${JSON.stringify({ ...shape, unit: shape.unit.slice(0, 40) })}: ${took}`;
}

/** Texts that mean something, so that functions behind a first look are reached as well. */
const readable = [
  ..."|203.0.113.7|2001:db8::/32|[::ffff:10.0.0.1]:80|10.0.0.0/8|http://a.example:99999/x|http://0x7f.1/|jo@a.example".split(
    "|",
  ),
  ..."fe80::1%eth0|x\ny|%2e%2e|&uuml;|2024-01-01|$NOT_THERE|^name|-----BEGIN CERTIFICATE-----x-----END CERTIFICATE-----".split(
    "|",
  ),
  ..."jo=corp.example@bounce.example|0a000005.nip.io|https://station.example/x|corp=2Eexample|x.corp.example|10.0.0.1srv01.corp.example|<pre>a</pre>".split(
    "|",
  ),
  "word ".repeat(200),
  `${"word".repeat(100)}10.0.0.5${"word".repeat(100)}.corp.example srv01`,
];

describe.each(subjects)("work grows with the text: $name", ({ name, run, units }) => {
  test("in what once was at fault", () => expectProportion(run, formerFaults), longestMs);
  fuzz(name, share, fc.noShrink(shapesOf(source.literals, units)), (shapes) => expectProportion(run, shapes));
});

describe("the judge of growth", () => {
  const ends = { prefix: "", unit: "'", suffix: "x" };

  test.each<[string, Run, Shape]>([
    ["quadratic, a pattern", (text) => text.replace(/'+$/, ""), ends],
    ["quadratic, from 5,000 characters on", (text) => text.slice(5_000).replace(/'+$/, ""), ends],
    [
      "quadratic, in a loop",
      (text) => Array.from(text).reduce((all, one) => Buffer.from(all + one).toString(), ""),
      ends,
    ],
    ["cubic", (text) => /^.*'.*'$/.test(text), ends],
  ])("finds work that is %s", async (_what, run, shape) => {
    expect(await growthOf(run, shape)).toMatchObject({ shape, exponent: expect.any(Number) });
  });

  test.each<[string, Run]>([
    ["linear", (text) => text.replaceAll("'", "&#39;").split(";")],
    ["sorting", (text) => Array.from(text).sort().join("")],
    ["cut", (text) => text.slice(0, 300).replace(/'+$/, "")],
    ["nothing", () => undefined],
  ])("has nothing against work that is %s", async (_what, run) => {
    expect(await growthOf(run, ends)).toBeUndefined();
  });
});

test(
  "every function that takes a text apart is reached by a subject, or its text does not come from outside",
  async () => {
    const texts = [...readable, ...formerFaults.map((shape) => textOf(shape, 60))];
    const called = await functionsCalledBy(async () => {
      for (const { run } of subjects) for (const text of texts) await work(run, text);
    });
    const left = [...source.functions].filter((name) => !called.has(name));
    const isListed = (name: string): boolean => notFromOutside.some(([which]) => which.test(name));
    expect(left.filter((name) => !isListed(name))).toEqual([]);
    // What is listed and is there no more, or is reached, has no place in the list.
    expect(notFromOutside.filter(([which]) => !left.some((name) => which.test(name)))).toEqual([]);
  },
  longestMs,
);
