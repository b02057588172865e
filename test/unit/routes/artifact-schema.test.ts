import { fc } from "../../support/fast-check.js";
import { parseArtifact } from "../../../routes/artifact-schema.js";
import { InvalidArtifactError } from "../../../src/core/errors.js";

const parse = (text: string): unknown => parseArtifact(text, "body");

test.each([
  ["a string", "example.org"],
  ["an empty string", ""],
  ["a number", 443],
  ["zero", 0],
  ["an object", { name: "User-Agent", value: "x" }],
  ["an array", ["a@example.org", "b@example.org"]],
])("takes %s as value", (_kind, value) => {
  expect(parse(JSON.stringify({ type: "any.type", value }))).toEqual({ type: "any.type", value });
});

test("lets keys that it doesn't know pass", () => {
  expect(parse('{"type":"net.ip","value":"192.0.2.1","extra":{"a":1}}')).toEqual({
    type: "net.ip",
    value: "192.0.2.1",
  });
});

test.each([
  ["", "body: empty, expected a JSON object"],
  [" \n", "body: empty, expected a JSON object"],
  ["nonsense", "body: not valid JSON"],
  ["null", "body: expected a JSON object, got null"],
  ["[]", "body: expected a JSON object, got an array"],
  ['"text"', "body: expected a JSON object, got a string"],
  ["5", "body: expected a JSON object, got a number"],
  ['{"value":"x"}', "type: expected a non-empty string, got nothing"],
  ['{"type":"","value":"x"}', "type: expected a non-empty string, got an empty string"],
  ['{"type":5,"value":"x"}', "type: expected a non-empty string, got a number"],
  [`{"type":"${"t".repeat(101)}","value":"x"}`, "type: expected at most 100 characters, got 101"],
  ['{"type":"net.ip"}', "value: expected a string, number, object or array, got nothing"],
  ['{"type":"net.ip","value":null}', "value: expected a string, number, object or array, got null"],
  ['{"type":"net.ip","value":true}', "value: expected a string, number, object or array, got a boolean"],
  [
    '{"type":"net.port","value":1e999}',
    "value: expected a string, number, object or array, got a number that is too large",
  ],
  [
    '{"type":5}',
    "type: expected a non-empty string, got a number; value: expected a string, number, object or array, got nothing",
  ],
])("refuses %j and says where", (text, message) => {
  expect(() => parse(text)).toThrow(new InvalidArtifactError(message));
});

test("says where JSON breaks off, without quoting it", () => {
  expect(() => parse('{"type":"system.user.password","value":"hunter2')).toThrow(
    /^body: not valid JSON \(at position \d+\)$/,
  );
});

test("a value may be deep, but not bottomless", () => {
  const nested = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);
  expect(parse(`{"type":"t","value":${nested(64)}}`)).toBeDefined();
  expect(() => parse(`{"type":"t","value":${nested(65)}}`)).toThrow("value: nested deeper than 64 levels");
  expect(() => parse(`{"type":"t","value":${nested(500_000)}}`)).toThrow(InvalidArtifactError);
});

test("__proto__ is a key like any other", () => {
  const artifact = parseArtifact(
    '{"type":"t","__proto__":{"value":"inherited"},"value":{"__proto__":{"polluted":true}}}',
    "body",
  );
  expect(artifact.value).not.toBe("inherited");
  expect(Object.getPrototypeOf(artifact.value)).toBe(Object.prototype);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  expect(() => parse('{"__proto__":{"type":"t","value":"v"}}')).toThrow("type: expected a non-empty string");
});

test("any text is an artifact or an InvalidArtifactError", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      try {
        parse(text);
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidArtifactError);
      }
    }),
  );
});
