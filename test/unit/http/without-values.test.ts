import { valuesIn, withoutSecrets, withoutValues } from "../../../services/http/without-values.js";
import { growthOf } from "../../support/cpu-time.js";

it("takes what was sent out of what was said, in any case, the longest first", () => {
  const values = ["evil.example", "http://evil.example/a", "ab"];
  expect(withoutValues("refused HTTP://EVIL.example/a and evil.example: absurd", { values })).toBe(
    "refused [value] and [value]: absurd",
  );
  expect(withoutValues("aab", { values: ["...", "a+b"] })).toBe("aab");
  expect(withoutValues("xabcdefx", { values: ["abcd", "cdef"] })).toBe("x[value]x");
  expect(withoutValues("", { values })).toBe("");
});

it.each([
  ["encoded", "no such value: HKLM%5CSoft%20ware%2FRun", "HKLM\\Soft ware/Run"],
  ["encoded in small letters", "no such value: HKLM%5csoft%20ware%2frun", "HKLM\\Soft ware/Run"],
  ["in the query of a path", "no such value: /x?q=john%20doe&n=1", "john doe"],
  ["with + for blanks", "no such value: john+van+doe", "john van doe"],
  ["as a form", "no such value: john+%28%7Edoe%27s%29%21", "john (~doe's)!"],
  ["as a form, with %20 for blanks", "no such value: john%20%28doe%29", "john (doe)"],
  ["as UTF-8", "no such value: J%C3%B6rg%E2%82%AC", "Jörg€"],
  ["encoded as a whole", "no such value: %6a%6f%68%6e%20%64%6f%65", "john doe"],
  ["with half a character", "no such value: a%20%EF%BF%BDb", "a \ud800b"],
  ["with half a character as it was", "no such value: a \ud800b", "a \ud800b"],
  ["with a pair at its beginning", "no such value: ab😀 cd", "ab😀 cd"],
  ["in capitals of other alphabets", "no such value: ΟΔΟΣ İX", "οδος ix"],
])("takes out what was sent when it is quoted %s", (_how, said, value) => {
  const left = withoutValues(said, { values: [value] });
  expect(left).toContain("[value]");
  expect(left.replace("/x?q=[value]&n=1", "[value]")).toBe("no such value: [value]");
});

it("takes out what is an indicator by its looks, and leaves what helps to find the cause", () => {
  const said =
    "Cannot take 203.0.113.7, 'a@b.example' (https://x.example/y): enclave 7a33144f-aef3-442b-87d4-dbf70d8afdb0, wait 5000";
  expect(withoutValues(said, {})).toBe(
    "Cannot take [value], '[value]' ([value]): enclave 7a33144f-aef3-442b-87d4-dbf70d8afdb0, wait 5000",
  );
});

it("takes secrets out whole, as they are, trimmed and as JSON spells them", () => {
  const secrets = [" s3cret ", 'quo"te\\', "Basic c2VjcmV0", "c2VjcmV0", "evil.example/p q", "", "ab"];
  const said = 'S3CRET, {"p":"quo\\"te\\\\"} quo"te\\ basic c2VjcmV0 c2VjcmV0: absurd';
  expect(withoutSecrets(said, secrets)).toBe('[secret], {"p":"[secret]"} [secret] [secret] [secret]: absurd');
  expect(withoutValues(said, { secrets })).toBe(withoutSecrets(said, secrets));
  expect(withoutValues("not http://evil.example/p q", { secrets })).toBe("not [secret]");
  expect(withoutSecrets("queue://actions.201.trustar", secrets)).toBe("queue://actions.201.trustar");
  expect(withoutSecrets("as it was", [])).toBe("as it was");
});

it.each([
  ["\tArtifact 1\n\tValue: john doe\n\tType: User Account", ["john doe"]],
  ["\tArtifact 1\r\n\tValue: john doe\r\n\tType: User Account", ["john doe"]],
  ["<p>MALWARE: <a href='https://x.example'>EMOTET</a></p>", ["EMOTET"]],
  ["mail from 203.0.113.7, see evil.example.", ["203.0.113.7", "evil.example"]],
  ["hash 0123456789abcdef0123456789abcdef", ["0123456789abcdef0123456789abcdef"]],
  ["a@b.example (HKLM\\Soft\\Run)", ["a@b.example", "HKLM\\Soft\\Run"]],
])("finds what may be a value in %j", (text, expected) => {
  expect([...valuesIn(text)]).toEqual(expect.arrayContaining(expected));
  for (const value of expected)
    expect(withoutValues(`bad ${value} x`, { texts: [text] })).toBe("bad [value] x");
});

it("leaves words of prose alone", () => {
  const texts = ["Severity: Low\nStatus: Active. The report, as it is."];
  expect(withoutValues("Severity and status of the report", { texts })).toBe(
    "Severity and status of the report",
  );
});

describe("only the beginning of what was said is repeated, and nothing of what the cut goes through", () => {
  const length = 600;
  const said = (before: number, value: string): string =>
    `${"word ".repeat(200).slice(0, before)} ${value} end`;

  it.each([
    ["of several words", "john van doe"],
    ["of other letters", "Jörg van Öst"],
    ["longer than what is repeated", `john ${"doe ".repeat(1_000)}`],
  ])("a value %s", (_what, value) => {
    for (let before = length - 20; before <= length; before += 1) {
      for (const spelled of [value, encodeURIComponent(value), value.toUpperCase()]) {
        const shown = withoutValues(said(before, spelled), { values: [value] });
        expect(shown).not.toMatch(/jo|j\u00f6|j%/i);
        expect(shown.length).toBeLessThan(length + 20);
      }
    }
  });

  it("a secret that is longer than what is repeated, and a word that is cut before it looks like anything", () => {
    const secret = `s3cret ${"x".repeat(5_000)}`;
    for (let before = 0; before <= length; before += 7) {
      expect(withoutSecrets(said(before, secret), [secret])).not.toContain("s3c");
      expect(withoutValues(said(before, `${"h".repeat(4_000)}.example`), {})).not.toContain("hhh");
    }
  });

  it("is not repeated at all when too much was sent to be searched", () => {
    const shown = withoutValues("bad john doe", { texts: [" ".repeat(3_000_000)] });
    expect(shown).toContain("not repeated");
    expect(shown).not.toContain("john");
  });
});

const units = [
  "a",
  " ",
  ".",
  "a.",
  "a.b ",
  "%41",
  "+",
  "[",
  "<a>",
  "Value: x\n",
  ">x</a>",
  "1",
  "é",
  "\ud800",
  "\\",
  '"',
  "://",
];

describe("takes time in proportion to", () => {
  it.each(units)("what was said, of %j", (unit) => {
    expect(
      growthOf((n) => () => withoutValues(`${unit.repeat(n)}!`, { values: [unit.repeat(50)] })),
    ).toBeLessThan(3);
  });

  it.each(units)("the text that was sent, of %j", (unit) => {
    const said = `bad ${unit.repeat(100)}`;
    expect(
      growthOf((n) => () => withoutValues(said, { texts: [`${unit.repeat(n)}!`] }), 15_000),
    ).toBeLessThan(3);
  });

  it.each(units)("the number of values, of %j", (unit) => {
    const values = (n: number): string[] =>
      Array.from({ length: n }, (_, index) => `${unit.repeat(20)}${index}`);
    const work = (n: number) => {
      const sent = values(n);
      return () => withoutValues(`bad ${unit.repeat(300)}`, { values: sent });
    };
    expect(growthOf(work, 3_000)).toBeLessThan(3);
  });
});
