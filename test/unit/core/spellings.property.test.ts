import type { Artifact } from "../../../src/core/artifact.js";
import { comparable } from "../../../services/core/indicator-value.js";
import { candidatesOf } from "../../../services/lookup/candidates.js";
import { fc } from "../../support/fast-check.js";

/** Rules by which people and programs write a value; each is applied to a plain one, and the plain one must be asked. */
type Rule = (text: string) => string;

const label = fc.stringMatching(/^[a-z][a-z0-9]{1,10}$/);
const host = fc.tuple(label, label).map(([one, two]) => `${one}.${two}.example`);
const ipv4 = fc.tuple(fc.nat(255), fc.nat(255)).map(([c, d]) => `203.0.${c}.${d}`);
const ipv6 = fc.nat(0xffff).map((group) => `2001:db8::${(group | 0x1000).toString(16)}`);
const url = fc.tuple(host, label).map(([name, path]) => `http://${name}/${path}?a=1&b=2`);
const mailbox = fc.tuple(label, host).map(([name, at]) => `${name}@${at}`);
const hash = fc
  .constantFrom(32, 40, 64)
  .chain((length) =>
    fc
      .array(fc.constantFrom(...Array.from("0123456789abcdef")), { minLength: length, maxLength: length })
      .map((digits) => digits.join("")),
  );
const cve = fc
  .tuple(fc.integer({ min: 1999, max: 2029 }), fc.integer({ min: 1000, max: 99_999 }))
  .map(([year, number]) => `CVE-${year}-${number}`);

const asIs: Rule = (text) => text;
const dots: readonly Rule[] = ["[.]", "(.)", "{.}", "[dot]", "(dot)", " [dot] ", "[[.]]", "\\.", "[."].map(
  (dot) => (text) => text.replaceAll(".", dot),
);
const schemes: readonly Rule[] = [
  "hxxp://",
  "hXXp[:]//",
  "h00p://",
  "htxp://",
  "h**p://",
  "http[://]",
  "[http://]",
  "http:// ",
  "http:[/][/]",
].map((scheme) => (text) => text.replace("http://", scheme));
const ats: readonly Rule[] = ["[at]", "(at)", "[@]", " [at] "].map((at) => (text) => text.replace("@", at));
const invisible = ["\u200b", "\u200c", "\u200e", "\u202a", "\u202c", "\u2060", "\u00ad", "\ufeff"];
const hiding: readonly Rule[] = invisible.flatMap((char): Rule[] => [
  (text) => `${char}${text}${char}`,
  (text) => `${text.slice(0, 3)}${char}${text.slice(3)}`,
  (text) => `${text.slice(0, -3)}${char}${text.slice(-3)}`,
]);
const around: readonly Rule[] = [
  (text) => `<${text}>`,
  (text) => `"${text}"`,
  (text) => `'${text}',`,
  (text) => `(${text})`,
  (text) => `[${text}]`,
  (text) => `\u201c${text}\u201d`,
  (text) => `${text}.`,
  (text) => `${text},`,
  (text) => `${text};`,
  (text) => `${text}!`,
  (text) => ` ${text} `,
];
const labels: readonly Rule[] = [(text) => `<URL:${text}>`, (text) => `URL: ${text}`];
const entities: readonly Rule[] = ["&amp;", "&#38;", "&#x26;", "&amp;amp;"].map(
  (and) => (text) => text.replaceAll("&", and),
);
const mail: readonly Rule[] = [
  (text) => `mailto:${text}`,
  (text) => `SMTP:${text}`,
  (text) => `[mailto:${text}]`,
  (text) => `mailto:${text}?subject=x&cc=other@elsewhere.example`,
];
const hashes: readonly Rule[] = [
  (text) => text.toUpperCase(),
  (text) => `sha256:${text}`,
  (text) => `MD5: ${text}`,
  (text) => (text.match(/../g) ?? []).join(":").toUpperCase(),
  (text) => (text.match(/../g) ?? []).join("-"),
  (text) => `${text}  evil.exe`,
  (text) => `${text} *evil.exe`,
  (text) => `SHA1 (evil.exe) = ${text}`,
];
const cves: readonly Rule[] = ["\u2013", "\u2011", "\u2212", " ", "_"].flatMap((dash): Rule[] => [
  (text) => text.replaceAll("-", dash),
  (text) => `${text.replaceAll("-", dash)} (Example4Shell)`,
  (text) => `CVE-2020-99999, ${text.replaceAll("-", dash)}`,
]);

interface Kind {
  readonly plain: fc.Arbitrary<string>;
  readonly types: readonly string[];
  /** One of each group is applied, in this order. */
  readonly rules: readonly (readonly Rule[])[];
}

const kinds: Readonly<Record<string, Kind>> = {
  "host name": { plain: host, types: ["net.name", "string", "net.uri"], rules: [dots, hiding, around] },
  "IPv4 address": { plain: ipv4, types: ["net.ip", "string", "net.name"], rules: [dots, hiding, around] },
  "IPv6 address": { plain: ipv6, types: ["net.ip", "string"], rules: [hiding, around] },
  URL: { plain: url, types: ["net.uri", "string"], rules: [schemes, entities, hiding, around] },
  "URL with a label": { plain: url, types: ["net.uri", "string"], rules: [schemes, labels] },
  "mail address": {
    plain: mailbox,
    types: ["string", "email.header.sender_address"],
    rules: [ats, dots.slice(0, 4), around],
  },
  "mail link": { plain: mailbox, types: ["string", "email.header.sender_address", "net.uri"], rules: [mail] },
  hash: { plain: hash, types: ["hash.md5", "string"], rules: [hashes, hiding.slice(0, 3)] },
  "CVE id": { plain: cve, types: ["threat.report.cve"], rules: [cves, hiding] },
};

function asked(type: string, value: Artifact["value"]): readonly string[] {
  return candidatesOf({ type, value }).map((candidate) => candidate.value);
}

describe.each(Object.entries(kinds))("a %s", (_name, { plain, types, rules }) => {
  const rule = fc.tuple(...rules.map((group) => fc.constantFrom(asIs, ...group)));

  it.each(types)("is asked for by its plain value, however a %s spells it", (type) => {
    fc.assert(
      fc.property(plain, rule, (value, chosen) => {
        const written = chosen.reduce((text, apply) => apply(text), value);
        expect({ written, asked: asked(type, written) }).toEqual({
          written,
          asked: expect.arrayContaining([value]) as unknown,
        });
        for (const other of asked(type, written)) expect(other).not.toContain("elsewhere.example");
      }),
      { numRuns: 300 },
    );
  });
});

describe("what a value really ends in or holds is asked for as it is written", () => {
  it.each([
    ["net.uri", "http://evil.example/a_(b)"],
    ["net.uri", "http://evil.example/a)"],
    ["net.uri", "http://evil.example/more..."],
    ["net.uri", "http://evil.example/?a=1&amp;b=2"],
    ["net.uri", "http://evil.example/x'"],
    ["string", "http://evil.example/{id}"],
    ["net.name", "xn--mgba3gch31f060k.com"],
  ])("%s %s", (type, value) => {
    expect(asked(type, value)).toContain(value);
  });

  it("a joiner that a name wants is part of it, and the name without it is asked for as well", () => {
    expect(asked("net.name", "\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.com")).toEqual(
      expect.arrayContaining(["xn--mgba3gch31f060k.com", "xn--mgba3gch31f.com"]),
    );
  });

  it.each([
    ["net.name", "Evil[.]Example", "Evil.Example"],
    ["email.header.sender_address", "Bad.Actor@Evil.Example", "Bad.Actor@Evil.Example"],
    ["hash.md5", "0123456789ABCDEF0123456789ABCDEF", "0123456789ABCDEF0123456789ABCDEF"],
    ["net.uri", "hxxp://Evil.Example/X", "http://Evil.Example/X"],
    ["net.ip", "2001:DB8::1", "2001:DB8::1"],
    ["threat.report.cve", "cve-2021-44228", "cve-2021-44228"],
  ])("%s %s in the case that a server may keep: %s", (type, written, kept) => {
    expect(asked(type, written)).toContain(kept);
  });

  it("never with the password of a URL", () => {
    for (const value of [
      "http://Jo:S3cret@Evil.Example/x",
      "Jo:S3cret@Evil.Example",
      "Jo:S3cret@Evil.Example/x",
    ])
      expect(asked("net.uri", value).join("\n")).not.toMatch(/s3cret/i);
  });
});

describe("spellings of one value compare as one", () => {
  it.each([
    ["evil[[.]]example", "evil.example"],
    ["2001:DB8:0::1", "2001:db8::1"],
    ["http://e.example:80/a", "http://e.example/a"],
    ["b\u00fccher.example", "xn--bcher-kva.example"],
    ["evil.example.", "evil.example"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["http://e.example", "http://e.example/"],
    ["HTTP://E.example:80", "http://e.example/"],
    ["0123456789ABCDEF0123456789ABCDEF", "0123456789abcdef0123456789abcdef"],
  ])("%s and %s", (one, other) => {
    expect(comparable(one)).toBe(comparable(other));
  });

  it("but not URLs whose paths differ in case", () => {
    expect(comparable("http://e.example/A")).not.toBe(comparable("http://e.example/a"));
  });
});
