import { keyringOf } from "./parse-text.js";
import { resolveValue, type ValueSources } from "../../../src/config/resolve-values.js";

const sources: ValueSources = {
  env: {
    HOST: "h",
    STAGE: "prod",
    CARET: "^entry",
    BRACES: "^{entry}${HOST}",
    EMPTY: "",
    DOLLAR: "$HOST",
  },
  keyring: keyringOf({
    s: { entry: "E", key_prod: "P", dollars: "${HOST}$HOST", "with blank": "B", "two}": "no" },
    _: { password: "R" },
  }),
};

function resolve(value: string, section = "s"): string | readonly string[] {
  const resolved = resolveValue(value, section, sources);
  return resolved.ok ? resolved.text : resolved.problems;
}

it.each([
  ["plain", "plain"],
  ["", ""],
  ["$HOST", "h"],
  ["$$HOST", "h"],
  ["${HOST}", "h"],
  ["https://${HOST}/${STAGE}", "https://h/prod"],
  ["^entry", "E"],
  ["^^entry", "E"],
  ["^with blank", "B"],
  ["^{entry}", "E"],
  ["a^{entry}b^{key_prod}c", "aEbPc"],
  ["${HOST}:^{entry}", "h:E"],
  ["^{entry}:${HOST}", "E:h"],
  ["^key_${STAGE}", "P"],
  ["^{key_${STAGE}}!", "P!"],
  // Signs inside a value are no secrets.
  ["a$HOST", "a$HOST"],
  ["a^entry", "a^entry"],
  ["100 $ or ^", "100 $ or ^"],
  ["}{", "}{"],
  // What was put in is not expanded again.
  ["$CARET", "^entry"],
  ["$BRACES", "^{entry}${HOST}"],
  ["$DOLLAR", "$HOST"],
  ["${CARET}^{entry}", "^entryE"],
  ["^dollars", "${HOST}$HOST"],
  ["^{dollars}", "${HOST}$HOST"],
])("%j is %j", (value, expected) => {
  expect(resolve(value)).toBe(expected);
});

it("knows whether a text may be shown", () => {
  expect(resolveValue("plain", "s", sources)).toMatchObject({ secret: false });
  expect(resolveValue("$HOST", "s", sources)).toMatchObject({ secret: true });
  expect(resolveValue("a^{entry}", "s", sources)).toMatchObject({ secret: true });
});

it("looks for the secrets of [resilient] under _, as res-keyring stores them", () => {
  expect(resolve("^password", "resilient")).toBe("R");
  expect(resolve("^password", "s")).toEqual([expect.stringContaining('no entry "password" for service "s"')]);
});

it.each([
  ["$NOPE", ["environment variable NOPE isn't set"]],
  ["$EMPTY", ["environment variable EMPTY is empty"]],
  [
    "${NOPE}^{gone}",
    [
      "environment variable NOPE isn't set",
      'no entry "gone" for service "s"; store it with trustar-resilient keyring',
    ],
  ],
  ["^{key_${NOPE}}", ["environment variable NOPE isn't set"]],
  ["^", ['"^" announces a secret, but no name follows']],
  ["$", ['"$" announces a secret, but no name follows']],
  ["${}", ['"${" has to be followed by a name and "}"']],
  ["a${HOST", ['"${" has to be followed by a name and "}"']],
  ["^{entry", ['"^{" has to be followed by a name and "}"']],
  ["$constructor", ["environment variable constructor isn't set"]],
  ["$HOST_^{entry}", ["what follows can't be a variable's name"]],
])("%j is a problem", (value, expected) => {
  expect(resolve(value)).toEqual(expected.map((text): unknown => expect.stringContaining(text)));
});

it("does not repeat what is more likely a password than a name", () => {
  expect(resolve("$e(r3t word").toString()).not.toContain("e(r3t");
  expect(resolve("^e(r3t word").toString()).not.toContain("e(r3t");
});
