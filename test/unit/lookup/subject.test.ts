import fc from "fast-check";
import { candidatesOf } from "../../../services/lookup/candidates.js";
import { candidatesOfKey, toSubject } from "../../../services/lookup/subject.js";

it("two artifacts that come to the same values have the same key; kind and value both count", () => {
  const key = toSubject([{ kind: "IP", value: "a" }]).key;
  expect(toSubject([{ kind: "IP", value: "a" }]).key).toBe(key);
  expect(toSubject([{ kind: "HASH", value: "a" }]).key).not.toBe(key);
});

it("a key of long values is short, and as distinct as they are", () => {
  const long = "x".repeat(2_000);
  const keys = [
    toSubject([{ kind: "URL", value: `${long}a` }]),
    toSubject([{ kind: "URL", value: `${long}b` }]),
    toSubject([{ kind: "DOMAIN", value: `${long}a` }]),
    toSubject([
      { kind: "URL", value: long },
      { kind: "URL", value: "a" },
    ]),
  ].map(({ key }) => key);
  expect(new Set(keys).size).toBe(4);
  expect(Math.max(...keys.map((key) => key.length))).toBeLessThan(100);
  expect(keys.map((key) => candidatesOfKey(key))).toEqual(keys.map(() => undefined));
  expect(toSubject([{ value: `${long}a`, kind: "URL" }]).key).toBe(keys[0]);
});

const types = ["net.ip", "net.uri", "net.name", "string", "email.header", "file.name", "system.registry"];
const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.webUrl({ withFragments: true, withQueryParameters: true }),
  fc.emailAddress(),
  fc
    .array(fc.constantFrom("a", " ", "\n", "\r", "\u2028", "\\", "evil.example", ":", "/"), { maxLength: 12 })
    .map((parts) => parts.join("")),
);

it("a key says all that the candidates of any artifact say that is not long", () => {
  fc.assert(
    fc.property(fc.constantFrom(...types), text, (type, value) => {
      const candidates = candidatesOf({ type, value });
      expect(candidatesOfKey(toSubject(candidates).key)).toEqual(candidates);
    }),
    { numRuns: 2_000 },
  );
});
