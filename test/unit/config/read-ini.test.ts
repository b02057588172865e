import { readFileSync } from "node:fs";
import { fc } from "../../support/fast-check.js";
import { pythonAnswer, type PythonAnswer } from "./python-answer.js";
import { readIni } from "../../../src/config/read-ini.js";
import { ConfigError } from "../../../src/core/errors.js";

type Case = PythonAnswer & { readonly text: string };

const cases = JSON.parse(
  readFileSync(new URL("../../fixtures/configparser.json", import.meta.url), "utf8"),
) as readonly Case[];

describe("the dialect of Python's configparser", () => {
  it("has many recorded cases", () => {
    expect(cases.length).toBeGreaterThan(300);
  });

  it.each(cases.map(({ text, ...expected }) => ({ quoted: JSON.stringify(text), text, expected })))(
    "reads $quoted as Python does",
    ({ text, expected }) => {
      expect(pythonAnswer(text)).toEqual(expected);
    },
  );

  it("reads back what was written, whatever the names and values are", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(sectionArbitrary(), { selector: ([name]) => name, maxLength: 6 }),
        (sections) => {
          const text = sections
            .map(([name, entries]) => `[${name}]\n${entries.map(written).join("")}`)
            .join("\n");
          const { sections: read } = readIni(text, "app.config");
          expect([...read].map(([name, entries]) => [name, [...entries]])).toEqual(sections);
        },
      ),
    );
  });
});

describe("faulty texts", () => {
  it("are told of line by line, all at once", () => {
    const text = "[a]\nno delimiter\nk = 1\nk = 2\n[a]\n= 3\n";
    expect(problemsOf(text)).toEqual([
      expect.stringMatching(/^app\.config, line 2: expected "key = value"/),
      expect.stringMatching(/^app\.config, line 4: \[a\] k is there twice/),
      expect.stringMatching(/^app\.config, line 5: section \[a\] is there twice/),
      expect.stringMatching(/^app\.config, line 6: expected "key = value"/),
    ]);
  });

  it("without any header get one remark, not one a line", () => {
    expect(problemsOf("a = 1\nb = 2\n[c]\n")).toEqual([
      expect.stringMatching(/^app\.config, line 1: there is no section header before this line/),
    ]);
  });

  it("never have a value repeated", () => {
    expect(problemsOf("[a]\nk = 1\nk = hunter2\nhunter2\n").join()).not.toContain("hunter2");
  });
});

it("names of Object's own properties are plain names", () => {
  const { sections } = readIni("[__proto__]\nconstructor = x\n[constructor]\n__proto__ = y\n", "app.config");
  expect([...sections].map(([name, entries]) => [name, ...entries])).toEqual([
    ["__proto__", ["constructor", "x"]],
    ["constructor", ["__proto__", "y"]],
  ]);
  expect(({} as Record<string, unknown>)["y"]).toBeUndefined();
});

/** A section with names and values that can be written down in the dialect: lines that neither begin nor end blank. */
function sectionArbitrary(): fc.Arbitrary<[string, [string, string][]]> {
  const awkward = [
    "__proto__",
    "constructor",
    "toString",
    "true",
    "null",
    "a.b",
    "x[]",
    "7",
    "\\",
    '"q"',
    "a;b",
    "a\\.b",
    "%2E",
    ":",
  ];
  const line = fc.oneof(fc.string({ unit: "binary", maxLength: 8 }), fc.constantFrom(...awkward));
  const clean = line.map((text) => text.replace(/[\p{Cc}\p{Cs}]/gu, "").trim());
  const name = clean.filter((text) => text !== "" && text !== "DEFAULT");
  const key = clean.map((text) => text.toLowerCase()).filter((text) => /^[^=:#;[\s][^=:]*$/.test(text));
  const value = fc
    .array(
      clean.filter((text) => !/^[#;]/.test(text)),
      { maxLength: 3 },
    )
    .map((lines) => lines.join("\n").trimEnd());
  return fc.tuple(name, fc.uniqueArray(fc.tuple(key, value), { selector: ([text]) => text, maxLength: 5 }));
}

function written([key, value]: readonly [string, string]): string {
  return `${key} = ${value.replaceAll("\n", "\n  ")}\n`;
}

function problemsOf(text: string): readonly string[] {
  try {
    readIni(text, "app.config");
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}
