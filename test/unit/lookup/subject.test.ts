import fc from "fast-check";
import { candidatesOf } from "../../../services/lookup/candidates.js";
import { candidatesOfKey, toSubject } from "../../../services/lookup/subject.js";

it("two artifacts that come to the same values have the same key; kind and value both count", () => {
  const key = toSubject([{ kind: "IP", value: "a" }]).key;
  expect(toSubject([{ kind: "IP", value: "a" }]).key).toBe(key);
  expect(toSubject([{ kind: "HASH", value: "a" }]).key).not.toBe(key);
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

it("a key says all that the candidates of any artifact say", () => {
  fc.assert(
    fc.property(fc.constantFrom(...types), text, (type, value) => {
      const candidates = candidatesOf({ type, value });
      expect(candidatesOfKey(toSubject(candidates).key)).toEqual(candidates);
    }),
    { numRuns: 2_000 },
  );
});
