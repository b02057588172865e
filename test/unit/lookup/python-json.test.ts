import { readFileSync } from "node:fs";
import { fc } from "../../support/fast-check.js";
import { lookupIdOf } from "../../../services/lookup/lookup-id.js";
import { toPythonJson } from "../../../services/lookup/python-json.js";

interface PythonCase {
  readonly text: string;
  readonly dumps: string;
  readonly id: string;
}

const cases = JSON.parse(
  readFileSync(new URL("../../fixtures/python-json.json", import.meta.url), "utf8"),
) as readonly PythonCase[];

it("was given cases of every sort", () => {
  expect(cases.length).toBeGreaterThan(200);
});

it("writes JSON as Python's json.dumps does", () => {
  for (const { text, dumps } of cases) expect([text, toPythonJson(text)]).toEqual([text, dumps]);
});

it("gives the ids that rc-cts gives", () => {
  for (const { text, id } of cases) expect([text, lookupIdOf(text)]).toEqual([text, id]);
});

it("gives one id to one artifact however its JSON is spaced and escaped", () => {
  const id = "be83617d-e0d7-5e39-bca2-7248e347cff1";
  expect(lookupIdOf('{"type":"net.ip","value":"9.9.9.9"}')).toBe(id);
  expect(lookupIdOf('\r\n{ "type" :\t"net.ip",\n"value":"\\u0039.9.9.9" } ')).toBe(id);
});

it("gives another id when the keys come in another order, as rc-cts does", () => {
  expect(lookupIdOf('{"value":"9.9.9.9","type":"net.ip"}')).not.toBe("be83617d-e0d7-5e39-bca2-7248e347cff1");
});

it("keeps keys that JavaScript objects treat specially", () => {
  expect(toPythonJson('{"__proto__":{"a":1},"constructor":2,"10":3,"9":4}')).toBe(
    '{"__proto__": {"a": 1}, "constructor": 2, "10": 3, "9": 4}',
  );
});

it("refuses nesting that would exhaust the stack, and says so", () => {
  const levels = 100_000;
  expect(() => toPythonJson("[".repeat(levels) + "]".repeat(levels))).toThrow(/nested deeper/);
  expect(toPythonJson("[".repeat(60) + "]".repeat(60))).toBe("[".repeat(60) + "]".repeat(60));
});

it("reads a body as large as the server accepts", () => {
  const value = `"${"\\n\u00e9x".repeat(250_000)}"`;
  expect(toPythonJson(value)).toHaveLength(2 + 250_000 * "\\n\\u00e9x".length);
});

/** JSON values whose numbers Python and JavaScript read alike. */
const anyJson = fc.json({ maxDepth: 6 });

it("changes nothing when applied to its own result", () => {
  fc.assert(
    fc.property(anyJson, (text) => {
      const once = toPythonJson(text);
      expect(toPythonJson(once)).toBe(once);
    }),
    { numRuns: 500 },
  );
});

it("means the same as the text it rewrites, in printable ASCII only", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      const text = JSON.stringify(value);
      const rewritten = toPythonJson(text);
      expect(rewritten).toMatch(/^[\x20-\x7e]*$/);
      expect(JSON.parse(rewritten)).toEqual(JSON.parse(text));
    }),
    { numRuns: 500 },
  );
});

it("rewrites to the same text whatever spaces stand between the tokens", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom("", " ", "\t", "\n  "), (value, indent) => {
      expect(toPythonJson(JSON.stringify(value, null, indent))).toBe(toPythonJson(JSON.stringify(value)));
    }),
  );
});
