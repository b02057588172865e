import { fc } from "../../support/fast-check.js";
import { parseArtifact } from "../../../routes/artifact-schema.js";
import { InvalidArtifactError } from "../../../src/core/errors.js";

const parse = (text: string): Promise<unknown> => parseArtifact(text, "body");

test.each([
  ["a string", "example.org"],
  ["an empty string", ""],
  ["a number", 443],
  ["zero", 0],
  ["an object", { name: "User-Agent", value: "x" }],
  ["an array", ["a@example.org", "b@example.org"]],
])("takes %s as value", async (_kind, value) => {
  expect(await parse(JSON.stringify({ type: "any.type", value }))).toEqual({ type: "any.type", value });
});

test("lets keys that it doesn't know pass", async () => {
  expect(await parse('{"type":"net.ip","value":"192.0.2.1","extra":{"a":1}}')).toEqual({
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
])("refuses %j and says where", async (text, message) => {
  await expect(parse(text)).rejects.toThrow(new InvalidArtifactError(message));
});

test("says where JSON breaks off, without quoting it", async () => {
  await expect(parse('{"type":"system.user.password","value":"hunter2')).rejects.toThrow(
    /^body: not valid JSON \(at position \d+\)$/,
  );
});

test("a value may be deep, but not bottomless", async () => {
  const nested = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);
  expect(await parse(`{"type":"t","value":${nested(64)}}`)).toBeDefined();
  await expect(parse(`{"type":"t","value":${nested(65)}}`)).rejects.toThrow(
    "value: nested deeper than 64 levels",
  );
  await expect(parse(`{"type":"t","value":${nested(500_000)}}`)).rejects.toThrow(InvalidArtifactError);
});

test("a value of very many parts is refused before it is parsed", async () => {
  const list = (parts: number): string => `{"type":"t","value":[${"1,".repeat(parts)}1]}`;
  expect(await parse(list(19_000))).toBeDefined();
  await expect(parse(list(20_000))).rejects.toThrow("body: more than 20000 values");
  expect(await parse(`{"type":"t","value":"${",".repeat(100_000)}"}`)).toBeDefined();
});

test("__proto__ is a key like any other", async () => {
  const artifact = await parseArtifact(
    '{"type":"t","__proto__":{"value":"inherited"},"value":{"__proto__":{"polluted":true}}}',
    "body",
  );
  expect(artifact.value).not.toBe("inherited");
  expect(Object.getPrototypeOf(artifact.value)).toBe(Object.prototype);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  await expect(parse('{"__proto__":{"type":"t","value":"v"}}')).rejects.toThrow(
    "type: expected a non-empty string",
  );
});

test("any text is an artifact or an InvalidArtifactError", async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string(), fc.json()), async (text) => {
      try {
        await parse(text);
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidArtifactError);
      }
    }),
  );
});
