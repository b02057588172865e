import fc from "fast-check";
import type { Shape } from "./growth.js";

/** What a pattern may have to be led into before its slow part begins. */
const prefixes = ["", "", "a", "1", "http://a", "x@", "<", "[", "Subject: ", "10.0.0.1", " "];
/** What makes a match fail at its end. */
const suffixes = ["", "x", "x", "!", "\n!", ">", "@"];

/** Beside what the source names: what mails, notes, URLs and broken files are made of. */
const others = [
  ...Array.from(" \t\n\r\f\v\u0085\u00a0\u2003\u2028\u3000\u200b\u200d\ufeff\u0000\u0007\u001b"),
  ...Array.from("\u00ad\u202e\u2066\u0301\u0308\u0e33\ufe0f\ufffd\ud800\udc00\uff0e\u3002\u2024\uff20"),
  ...Array.from("界한नع本ßﬁİıſ𝐚🦔éαя٣²½“‘–—…‹¡•"),
  ...Array.from("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~0aAzZ"),
  "\r\n", " \n", "\n\t", "\n\n", " ,", ", ", "; ", "a ", "a.", ".a", "a-", "-a", "a,", "a;", "a\n", "1.", "1:",
  "::", "../", "//", "\\\\", "''", '""', "((", "[[", "]]", "{}", "[]", "()", "<>", "&amp;", "&lt;", "&#60;", "&#x3c;", "&nbsp;",
  "%20", "%2e", "%252e", "%00", "%", "+", "=2E", "=20", "=\r\n", "\\n", "\\u0041", "\\c",
  "[.]", "(.)", "[dot]", " dot ", "[at]", "[:]", "[://]", "hxxp", "http://", "https://", "http://a", "http://a/ ", "//a@", "ftp:", "a://",
  "www.", "xn--", "a.b", "a.b.", "a@", "@a", "a@b.c ", "<a@b.c>,", "'a'", "10.", "10.0.0.1 ", "10.0.0.1.", "10.0.0.1srv01.", "0x7f.",
  "::1 ", "fe80::", "0:", "f:", "64:ff9b::", "<b>", "</b>", "<br>", "<a href=x>", "<img src=", "<!--", "-->", "<![CDATA[", "<p ", "<td>", "<li>", "<x ",
  "acme ", "acme", "a_", "corp.example ", "corp.", "x-corp.example", "project falcon ", "[redacted]", "[private address]", "IP: ", "Value: ", "TLP:", "\tArtifact 1\n",
  "Not Found ", "404 ", "word ", "a=b;", "a=b&", "k: v\n", "[s]\n", "k = v\n", "# ", "${", "${A}", "^{", "-----BEGIN ", "-----BEGIN X-----", "1,", '{"a":1},', "[1],", '"a",', "1e9", "-", "deadbeef",
]; // prettier-ignore

const many = (of: (index: number) => string): string =>
  Array.from({ length: 20_000 }, (_, index) => of(index)).join("");
/** What no two are alike of: characters, words, hosts, keys, sections, tags. */
const distinct = {
  characters: many((index) => String.fromCharCode(0x4e00 + index)),
  words: many((index) => `w${index} `),
  hosts: many((index) => `h${index}.example `),
  addresses: many((index) => `<a${index}@b.example>,`),
  keys: many((index) => `k${index} = v\n`),
  sections: many((index) => `[s${index}]\n`),
  tags: many((index) => `<b class=c${index}>`),
};

const nested: readonly (readonly [string, string])[] = [
  ["[", "]"], ["(", ")"], ["<b>", "</b>"], ["<b>", "</i>"], ["<div>", "</span>"], ["<p>", ""], ["<ul><li>", "</li></ul>"],
  ['{"a":', "}"], ["<", ">"], ["http://[", "]"], ["'", "'"], ['"', '"'],
]; // prettier-ignore

/** What stopped the program once, as far as it has a form of its own. */
export const formerFaults: readonly Shape[] = [
  { prefix: "http://a", unit: "]", suffix: "x" },
  { prefix: "http://a", unit: "!", suffix: "x" },
  { prefix: "a", unit: ".", suffix: "x" },
  { prefix: "a", unit: "'", suffix: "a" },
  { prefix: "a", unit: "%", suffix: "\n!" },
  { prefix: "a", unit: "\\", suffix: "x" },
  { prefix: "", unit: distinct.characters, suffix: ".example" },
  { prefix: "http://", unit: distinct.characters, suffix: "/" },
  { prefix: "jo@", unit: distinct.characters, suffix: ".corp.example" },
  { prefix: "", unit: distinct.hosts, suffix: "" },
  { prefix: "", unit: "10.0.0.1srv01.", suffix: "" },
  { prefix: "", unit: " ", suffix: "x" },
  { prefix: "", unit: "\n", suffix: "x" },
  { prefix: "404", unit: " ", suffix: "x" },
  { prefix: "TruSTAR Enrichment / Indicators\n", unit: " ", suffix: "x" },
  { prefix: "TruSTAR Enrichment / Indicators\nIP:", unit: " ", suffix: "" },
  { prefix: "TruSTAR Enrichment\nTruSTAR Report Submitted Successfully.", unit: " ", suffix: "x" },
  { prefix: "", unit: "a.b ", suffix: "" },
  { prefix: "", unit: "<b>", close: "</i>", suffix: "" },
  { prefix: "", unit: "<div>", close: "</span>", suffix: "" },
];

/**
 * Texts that grow: all units, or some, each between a prefix and a suffix of chance.
 * @param named what the source's patterns name
 */
export function shapesOf(named: Iterable<string>, some?: number): fc.Arbitrary<readonly Shape[]> {
  const units = [...new Set([...named, ...others, ...Object.values(distinct)])]
    .filter((unit) => unit !== "")
    .map((unit) => ({ unit, close: undefined as string | undefined }));
  for (const [unit, close] of nested) units.push({ unit, close });
  const count = Math.min(some ?? units.length, units.length);
  const chance = { minLength: count, maxLength: count };
  return fc
    .tuple(
      fc.shuffledSubarray(units, chance),
      fc.array(fc.constantFrom(...prefixes), chance),
      fc.array(fc.constantFrom(...suffixes), chance),
    )
    .map(([chosen, before, behind]) =>
      chosen.map((one, at) => ({ ...one, prefix: before[at] ?? "", suffix: behind[at] ?? "" })),
    );
}
