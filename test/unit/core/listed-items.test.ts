import { fc } from "../../support/fast-check.js";
import { listedItems } from "../../../src/core/listed-items.js";

const items = (text: string) => listedItems(text, ",;\n");

it.each([
  ["separators of every kind, and blanks", "a b ,c;\n d\n\n;, e", ["a b", "c", "d", "e"]],
  ["quotes around items", `"a b", 'c', “d”, «e», „f“`, ["a b", "c", "d", "e", "f"]],
  ["separators in quotes", `"Acme, Inc."; 'b; c' , d`, ["Acme, Inc.", "b; c", "d"]],
  [
    "an apostrophe",
    "O'Brien, Jones', “Acme’s, Inc”, 't Hooft",
    ["O'Brien", "Jones", "Acme’s, Inc", "t Hooft"],
  ],
  ["quotes within an item", `a "b" c, "d" e, f "g"`, ['a "b" c', 'd" e', 'f "g']],
  ["a quote that nothing closes", `"a, b`, ["a", "b"]],
  ["brackets around all", `['a', "b, c"]`, ["a", "b, c"]],
  ["brackets of a word", "[a] b, c [d]", ["[a] b", "c [d]"]],
  ["one item twice", "a, 'a'", ["a"]],
  ["nothing", ` , "" ; [] `, ["[]"]],
  ["nothing in brackets", "[ ]", []],
])("reads %s", (_what, text, expected) => {
  expect(items(text)).toEqual(expected);
});

it("finds what was written, however it is quoted and separated", () => {
  const word = fc.stringMatching(/^[a-zé]{1,6}( [a-z,;]{0,3}[a-z])?$/);
  const style = fc.record({
    quotes: fc.constantFrom('""', "''", "“”", "«»"),
    between: fc.constantFrom(", ", ";", "\n", " ;\n"),
  });
  fc.assert(
    fc.property(fc.uniqueArray(word, { minLength: 1, maxLength: 5 }), style, (words, { quotes, between }) => {
      const written = words.map((one) => `${quotes.charAt(0)}${one}${quotes.charAt(1)}`).join(between);
      expect(items(written)).toEqual(words);
      expect(items(`[${written}]`)).toEqual(words);
    }),
  );
});
