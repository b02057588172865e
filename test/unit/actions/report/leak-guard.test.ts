import { fc } from "../../../support/fast-check.js";
import { cpuSecsOf } from "../../../support/cpu-time.js";
import { LeakGuard, type MaskingPolicy } from "../../../../services/actions/report/leak-guard.js";
import { compose } from "./fixtures.js";

const nothing: MaskingPolicy = { redactTerms: [], maskPrivateAddresses: false, ownDomains: [] };

async function guarded(policy: Partial<MaskingPolicy>, body: string): Promise<string> {
  return (await new LeakGuard({ ...nothing, ...policy }).apply({ title: "", body })).body;
}

describe("terms", () => {
  it.each([
    [["acme"], "Acme, ACME_server, acme.example", "[redacted], [redacted]_server, [redacted].example"],
    [["acme"], "acmeism, macme", "acmeism, macme"],
    [["acme", "acme corp"], "Acme Corp and acme", "[redacted] and [redacted]"],
    [["C++"], "C++ and C++11, not DC++", "[redacted] and [redacted]11, not DC++"],
    [["#42"], "a#42 b#421", "a[redacted] b#421"],
    [["Straße"], "STRASSE strasse straße Straẞe", "[redacted] [redacted] [redacted] [redacted]"],
    [["Ünïcode"], "u\u0308nïcode ÜNÏCODE", "[redacted] [redacted]"],
    [["Ünïcode"], "Ünïcodes", "Ünïcodes"],
    [["acme"], "ＡＣＭＥ ac\u200bme", "[redacted] [redacted]"],
    [["Σίσυφος"], "ΣΊΣΥΦΟΣ", "[redacted]"],
    [["istanbul"], "İSTANBUL", "[redacted]"],
    [["项目"], "项目 项目书", "[redacted] 项目书"],
    [["project falcon"], "Project  Falcon\tproject\u00a0falcon", "[redacted]\t[redacted]"],
    [["project falcon"], "Project\n\t\t\tFalcon flies", "[redacted]\n\t\t\t flies"],
    [["redacted", "own", "]"], "own [redacted]", "[redacted] [redacted]"],
    [["", "  ", "\u200b"], "nothing  to do", "nothing  to do"],
    [["a.b"], "a.b axb", "[redacted] axb"],
    [["O'Brien & Co-op"], "O’Brien & Co–op", "[redacted]"],
    [
      ["project falcon"],
      "q=project%20falcon&r=%66alcon project%20%66alcon",
      "q=[redacted]&r=falcon [redacted]",
    ],
    ...["\u034f", "\u061c", "\u200d", "\u200e", "\u200f", "\u2060", "\u2064", "\ufe0f", "\u{e0041}"].map(
      (hidden): [string[], string, string] => [["acme"], `Ac${hidden}me`, "[redacted]"],
    ),
    [["😀"], "x😀y", "x[redacted]y"],
    ...[
      "_",
      "__",
      "-",
      "–",
      " - ",
      "+",
      ".",
      "/",
      "\\",
      "%5F",
      "%2B",
      "%2520",
      " _ ",
      "&#32;",
      "&#x20;",
      "&nbsp;",
    ].map((joined): [string[], string, string] => [
      ["project falcon"],
      `my_Project${joined}Falcon.`,
      "my_[redacted].",
    ]),
    [
      ["project falcon", "project-x"],
      "project-falcon project-x project x",
      "[redacted] [redacted] project x",
    ],
    [
      ["project falcon"],
      "project----falcon project, falcon projectfalcons",
      "project----falcon project, falcon projectfalcons",
    ],
    [
      ["O'Brien & Söhne"],
      "O&#39;Brien &amp; S&ouml;hne ?q=O%27Brien+%26+S%C3%B6hne",
      "[redacted] ?q=[redacted]",
    ],
    [["acme"], "A&shy;cme Ac&#8203;me a%E2%80%8Bcme &#65;cme", "[redacted] [redacted] [redacted] [redacted]"],
  ])("%j in %j", async (redactTerms, text, expected) => {
    expect(await guarded({ redactTerms }, text)).toBe(expected);
  });

  it("leave escapes that mean something to a URL or to HTML", async () => {
    const text = "&lt;b&gt; &amp;#46; &#60; &copy; &#46 a?b=%26%3D%3C%FF&c=%C3%28 %25 100% & Co.";
    expect(await guarded({ redactTerms: ["acme"] }, text)).toBe(text);
  });

  it("leave a text without them exactly as it was", async () => {
    expect(await guarded({ redactTerms: ["acme"] }, "u\u0308 x")).toBe("u\u0308 x");
  });
});

describe("private addresses", () => {
  const mark = "[private address]";
  it.each([
    ["10.0.0.1", mark],
    ["seen 192.168.1.20, 172.16.0.1 and 172.32.0.1.", `seen ${mark}, ${mark} and 172.32.0.1.`],
    ["10 dot 0 dot 0 dot 1 10&#46;0.0.1 10\u20240.0.1 10%252e0.0.1", `${mark} ${mark} ${mark} ${mark}`],
    ["127.0.0.1 169.254.169.254 100.64.0.1 100.128.0.1", `${mark} ${mark} ${mark} 100.128.0.1`],
    ["http://10.1.2.3:8080/x https://jo@10.1.2.3/", `http://${mark}:8080/x https://jo@${mark}/`],
    ["10[.]0[.]0[.]1 10(.)0(.)0(.)1 10[dot]0[dot]0[dot]1", `${mark} ${mark} ${mark}`],
    ["10.0.0[.]1 10 [.] 0 [.] 0 [.] 1 10%2E0%2e0.1", `${mark} ${mark} ${mark}`],
    ["010.000.000.001", mark],
    ["１０.0.0.１ 10.0.\u200e0.1 10.0.\u200d0.1 ８", `${mark} ${mark} ${mark} ８`],
    ["10.0.0.0/8, 10.0.0.1-10.0.0.5", `${mark}/8, ${mark}-${mark}`],
    [
      "8.8.8.8 110.0.0.1 10.0.0.256 10.0.0.1.5 1.10.0.0.1",
      "8.8.8.8 110.0.0.1 10.0.0.256 10.0.0.1.5 1.10.0.0.1",
    ],
    [
      "http://0x7f.1/ http://167772161/ http://0x0a000001:80/",
      `http://${mark}/ http://${mark}/ http://${mark}:80/`,
    ],
    [
      "http://134744072/ http://10.example/ id 167772161",
      "http://134744072/ http://10.example/ id 167772161",
    ],
    ["::1 fe80::1%eth0 fd12:3456::1.", `${mark} ${mark} ${mark}.`],
    ["http://[fd00::1]:443/ FE80:0:0:0:0:0:0:1", `http://${mark}:443/ ${mark}`],
    ["Source:fe80::1, IP:fd00::2: and ip=fd00::3", `Source:${mark}, IP:${mark}: and ip=${mark}`],
    ["::ffff:10.0.0.1 ::ffff:8.8.8.8", `${mark} ::ffff:8.8.8.8`],
    ["fe80[:]:1 fd00[:]0[:]0[:]0[:]0[:]0[:]0[:]1", `${mark} ${mark}`],
    [
      "2001:db8::1 aa:bb:cc:dd:ee:ff 10:20:30 std::string a::b ::",
      "2001:db8::1 aa:bb:cc:dd:ee:ff 10:20:30 std::string a::b ::",
    ],
  ])("in %j", async (text, expected) => {
    expect(await guarded({ maskPrivateAddresses: true }, text)).toBe(expected);
  });

  it("stay when the policy says so", async () => {
    expect(await guarded({ redactTerms: ["x"] }, "10.0.0.1 fe80::1")).toBe("10.0.0.1 fe80::1");
  });
});

describe("own domains", () => {
  const mark = "[own domain]";
  it.each([
    ["corp.example", mark],
    ["CORP.example. mail.corp.example, a.b.corp.example!", `${mark}. ${mark}, ${mark}!`],
    [
      "notcorp.example corp.example.evil.com corp.examples my-corp.example",
      "notcorp.example corp.example.evil.com corp.examples my-corp.example",
    ],
    ["https://wiki.corp.example:8443/page?q=1", `https://${mark}:8443/page?q=1`],
    ["https://jo:secret@wiki.corp.example/", `https://${mark}/`],
    ["Jo <jo.doe+x@corp.example>, mailto:jo@mail.corp.example", `Jo <${mark}>, mailto:${mark}`],
    ["jo[@]corp.example jo (at) corp[.]example jo@notcorp.example", `${mark} ${mark} jo@notcorp.example`],
    [
      "corp[.]example corp(.)example corp{.}example corp[dot]example corp [.] example",
      Array(5).fill(mark).join(" "),
    ],
    ["corp\\.example corp[.example corp。example corp%2Eexample", Array(4).fill(mark).join(" ")],
    ["u=https%253A%252F%252Fcorp.example%252Fx", `u=https%253A%252F%252F${mark}%252Fx`],
    ["u=https%3A%2F%2Fcorp.example%2Fx =3Dcorp.example", `u=https%3A%2F%2F${mark}%2Fx =3D${mark}`],
    ["- _corp.example -corp.example _dmarc.corp.example", `- _${mark} -${mark} _${mark}`],
    ["BÜCHER.example xn--bcher-kva.example shop.bücher.example", `${mark} ${mark} ${mark}`],
    ['jo%40corp.example "jo smith"@corp.example', `${mark} ${mark}`],
    ["%63orp.example c\u200eorp.example %%363orp.example", `${mark} ${mark} ${mark}`],
    ["The lan is srv.lan", `The lan is ${mark}`],
    ["corp", "corp"],
    ["on wiki dot corp dot example dot", `on ${mark} dot`],
    [
      "corp&#46;example corp&#x2e;example corp&period;example &#99;orp.example",
      `${mark} ${mark} ${mark} ${mark}`,
    ],
    ["jo&#64;corp&#46;example jo&commat;corp.example", `${mark} ${mark}`],
    ["corp\u2024example corp\ufe52example corp%252Eexample", `${mark} ${mark} ${mark}`],
    ["b%C3%BCcher.example b&uuml;cher.example b%25C3%25BCcher.example", `${mark} ${mark} ${mark}`],
  ])("in %j", async (text, expected) => {
    const ownDomains = ["corp.example", "*.bücher.example", ".lan"];
    expect(await guarded({ ownDomains }, text)).toBe(expected);
  });
});

describe("the whole guard", () => {
  const policy: MaskingPolicy = {
    redactTerms: ["falcon", "x-", "domain"],
    maskPrivateAddresses: true,
    ownDomains: ["corp.example", "redacted", "address"],
  };

  it("counts by kind, in title and body", async () => {
    const guard = new LeakGuard(policy);
    const result = await guard.apply({
      title: "Falcon",
      body: "falcon 10.0.0.1\n\tjo@corp.example\nfe80::1",
    });
    expect(result).toEqual({
      title: "[redacted]",
      body: "[redacted] [private address]\n\t[own domain]\n[private address]",
      masked: { terms: 2, addresses: 2, domains: 1 },
    });
  });

  it("goes on until nothing is left", async () => {
    expect(await guarded(policy, "x-corp.example")).toBe("[redacted][own domain]");
  });

  it("leaves the report's layout whole", async () => {
    const report = await compose({ description: "Falcon\nat 10.0.0.1", name: "Falcon" }, ["summary"]);
    const { title, body } = await new LeakGuard(policy).apply(report);
    expect(title).toBe("Resilient Incident 2095: [redacted]");
    expect(body).toContain("\tDescription: [redacted]\n\t\t\tat [private address]\n\tPhase");
    expect(body.split("\n")).toHaveLength(report.body.split("\n").length);
  });
});

const terms = ["falcon", "blue falcon", "ACME", "C++", "Straße", "-x", "corp", "10"];
const scrap = fc.constantFrom(
  ...terms,
  ...[
    "10.0.0.1",
    "corp.example",
    "www.",
    "jo@",
    "fe80::1",
    "::",
    "[.]",
    ".",
    "-",
    "_",
    " ",
    "\n\t\t\t",
    "[",
    "]",
    "A",
    "1",
  ],
  ...[
    "FALCON",
    "strasse",
    "ﬁ",
    "u\u0308",
    "\u200b",
    "😀",
    "[own domain]",
    "[redacted]",
    "[private address]",
    "%2F",
    "%20",
    "%6",
    "%25",
    "%C3",
    "%BC",
    "&#",
    "46;",
    "&#46;",
    "&amp;",
    " dot ",
    "+",
    "\u200e",
    "’",
    "１",
    '"',
    "@",
  ],
);
const text = fc.oneof(
  fc.array(scrap, { maxLength: 30 }).map((scraps) => scraps.join("")),
  fc.string({ unit: "binary" }),
);
const everything = { redactTerms: terms, maskPrivateAddresses: true, ownDomains: ["corp.example", "lan"] };

describe("for any text", () => {
  const guard = new LeakGuard(everything);

  it("a second run finds nothing", async () => {
    await fc.assert(
      fc.asyncProperty(text, text, async (title, body) => {
        const once = await guard.apply({ title, body });
        expect(await guard.apply(once)).toEqual({ ...once, masked: { terms: 0, addresses: 0, domains: 0 } });
      }),
      { numRuns: 2_000 },
    );
  });

  it("no term, address or domain survives between blanks", async () => {
    const secret = fc.constantFrom(
      ...terms,
      "BLUE  Falcon",
      "10.0.0.1",
      "fd00::7",
      "a.corp[.]example",
      "jo@corp.example",
    );
    await fc.assert(
      fc.asyncProperty(text, secret, text, async (before, value, after) => {
        const { body } = await guard.apply({ title: "", body: `${before} ${value} ${after}` });
        const rest = body
          .replace(/\[(?:redacted|own domain|private address)\]/g, " | ")
          .normalize("NFKC")
          .toLowerCase();
        expect(rest).not.toMatch(
          /(?<![\p{L}\p{N}\p{M}])(?:falcon|acme|straße|strasse)(?![\p{L}\p{N}\p{M}])/u,
        );
        expect(` ${rest} `).not.toContain(` ${value.toLowerCase()} `);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("time grows with the length only", () => {
  const repeat = (piece: string, size: number): string => piece.repeat(Math.ceil(size / piece.length));
  // Far more than it takes; what grows with the square of the length takes minutes.
  const secsAtMost = 30;
  const many = Array.from({ length: 5_000 }, (_, index) => `term${index} of the house`);

  it.each([
    ["one word", "a"],
    ["digits", "1"],
    ["dots", "."],
    ["labels", "a."],
    ["octets", "10."],
    ["colons", ":"],
    ["hexadecimal", "a:"],
    ["blanks", " "],
    ["open brackets", "["],
    ["at signs", "@"],
    ["escapes", "%2E"],
    ["defanged labels", "a [.] "],
    ["slashes", "://"],
    ["half terms", "term1 of the "],
    ["terms", "falcon "],
    ["own e-mail addresses", "jo@corp.example,"],
    ["addresses", "10.0.0.1 fe80::1 "],
    ["zero widths", "\u200b"],
    ["marks", "\u0308"],
    ["markers", "[redacted]"],
    ["nested escapes", "%3"],
    ["joined terms", "falcon_-"],
    ["half joined terms", "term1_of-the."],
    ["joiners", "- "],
    ["entities", "&#46;"],
    ["open entities", "&#"],
    ["escapes of escapes", "%25"],
    ["bytes of letters", "%C3"],
    ["dots in words", "a dot "],
    ["quoted users", '"@corp.example '],
  ])("half a megabyte of %s", async (_, piece) => {
    expect(await secsFor(repeat(piece, 500_000))).toBeLessThan(secsAtMost);
  });

  it("two megabytes, TruSTAR's limit", async () => {
    const line = "\tValue: http://x7.evil.example/a?b=10.0.0.1&c=jo@corp.example term7 of the house\n";
    expect(await secsFor(repeat(line, 2_000_000))).toBeLessThan(secsAtMost);
  });

  function secsFor(body: string): Promise<number> {
    const guard = new LeakGuard({ ...everything, redactTerms: [...terms, ...many] });
    return cpuSecsOf(() => guard.apply({ title: "", body }));
  }
});

describe("terms, addresses and domains however they are written", () => {
  const policy: MaskingPolicy = {
    redactTerms: ["project falcon", "Acme Corp", "acme", "Söhne"],
    maskPrivateAddresses: true,
    ownDomains: ["corp.example"],
  };
  const term = "[redacted]";
  const address = "[private address]";
  const domain = "[own domain]";

  it.each([
    ["64:ff9b::a00:5", address],
    ["64:ff9b:1::a00:5", address],
    ["2002:a00:5::1", address],
    ["::ffff:0:10.0.0.5", address],
    ["fe80::5efe:10.0.0.5 2001:db8::5efe:a00:5", `${address} ${address}`],
    ["2001:0:808:808::f5ff:fffa", address],
    ["64:ff9b::808:808 2002:808:808::1", "64:ff9b::808:808 2002:808:808::1"],
    ["10 . 0 . 0 . 5, 10. 0. 0. 5 and 10 .0 .0 .5", `${address}, ${address} and ${address}`],
    ["10.\n\t\t\t0.0.5 x", `${address}\n\t\t\t x`],
    ["1. 10.0.0.5 2. 8.8.8.8 3. 10 . 0 . 0 . 7", `1. ${address} 2. 8.8.8.8 3. ${address}`],
    ["10=2E0=2E0=2E5", address],
    ["srv01 .corp .example, corp . example", `${domain}, ${domain}`],
    ["seen on corp.\n\t\t\texample", `seen on ${domain}\n\t\t\t`],
    ["corp. Example: it was seen. Corp.example", `${domain}: it was seen. ${domain}`],
    ["corp.example .evil corp.example.evil", `${domain} .evil corp.example.evil`],
    ["corp=2Eexample cor=\n\t\t\tp.example", `${domain} ${domain}\n\t\t\t`],
    ["project=20falcon proj=\nect falcon S=C3=B6hne", `${term} ${term}\n ${term}`],
    ["id=20falcon =2E id=41", "id=20falcon =2E id=41"],
    ["AcmeCorp ACMECORP acme_corp acme.corp Acme\n\tCorp", `${term} ${term} ${term} ${term} ${term}\n\t`],
    ["AcmeCorps", "AcmeCorps"],
    ["Acme\u0301 A\u0338c\u0337m\u0336e\u0335 Ac\u0301me So\u0308hne", `${term} ${term} ${term} ${term}`],
    ["Sohne acmés", "Sohne acmés"],
  ])("in %j", async (text, expected) => {
    expect(await guarded(policy, text)).toBe(expected);
  });

  it("are found in texts around, and a second run finds nothing", async () => {
    const gap = fc.constantFrom("", " ", "-", "_", ".", "%20", "=20", "\n\t\t\t");
    const dot = fc.constantFrom(
      ".",
      " . ",
      " .",
      ". ",
      "[.]",
      "(dot)",
      "=2E",
      "%2e",
      "&#46;",
      ".\n\t\t\t",
      "。",
    );
    const accent = fc.constantFrom("", "\u0301", "\u200b");
    const secret = fc.oneof(
      fc.tuple(gap, accent).map(([between, sign]) => `Acme${sign}${between}Corp`),
      fc.tuple(dot, dot, dot).map(([a, b, c]) => `10${a}20${b}30${c}77`),
      dot.map((between) => `corp${between}example`),
    );
    const words = fc.array(fc.constantFrom("seen", "on", "8.8.8.8,", "a=b", "evil.example", "3.", "(x)"), {
      maxLength: 6,
    });
    const guard = new LeakGuard(policy);
    await fc.assert(
      fc.asyncProperty(words, secret, words, async (before, value, after) => {
        const body = [...before, `"${value}"`, ...after].join(" ");
        const once = await guard.apply({ title: "", body });
        expect(once.body).not.toMatch(/acme|corp\b|\b77\b/i);
        expect((await guard.apply(once)).body).toBe(once.body);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ["one after the other", "10.0.0.1srv01."],
    ["each before the last", "9a10.0.0.1."],
  ])("are laid bare in linear time: %s", async (_, unit) => {
    const guard = new LeakGuard({ ...policy, redactTerms: ["srv01", "9a", "5"] });
    const timeOf = (count: number): Promise<number> =>
      cpuSecsOf(async () => {
        const { body } = await guard.apply({ title: "", body: `${unit.repeat(count)}5` });
        expect(body).not.toMatch(/10\.0\.0\.1|srv01|9a/);
      });
    await timeOf(500);
    expect(await timeOf(8_000)).toBeLessThan(10 * ((await timeOf(2_000)) + 0.02));
  });

  it("gives the loop back while it works", async () => {
    const guard = new LeakGuard(policy);
    let turns = 0;
    const count = (): void => {
      turns += 1;
      timer = setImmediate(count);
    };
    let timer = setImmediate(count);
    const body = "at 10.0.0.5 jo@corp.example of acme\n".repeat(30_000);
    const secs = await cpuSecsOf(() => guard.apply({ title: "", body }));
    clearImmediate(timer);
    expect(turns).toBeGreaterThan(secs * 8);
  });
});

describe("signs that URLs and JSON escape, right before what is masked", () => {
  const all: MaskingPolicy = {
    redactTerms: ["Falcon", "Müller"],
    maskPrivateAddresses: true,
    ownDomains: ["corp.example"],
  };
  const address = "[private address]";

  it.each([
    ["%2210.0.0.5%22", `%22${address}%22`],
    ["/?q=%2710.0.0.5", `/?q=%27${address}`],
    ["ip=%252010.0.0.5", `ip=%2520${address}`],
    ["/?ip=fd00%3A%3A1&x", `/?ip=${address}&x`],
    ["http://%5Bfe80%253A%253A1%5D/", `http://${address}/`],
    ["?u=http%3A%2F%2F167772165%2F", `?u=http%3A%2F%2F${address}%2F`],
    [String.raw`"a\nFalcon flies"`, String.raw`"a\n[redacted] flies"`],
    [String.raw`"a\tcorp.example"`, String.raw`"a\t[own domain]"`],
    [String.raw`"a\nfe80::1"`, String.raw`"a\n${address}"`],
    [String.raw`\u003dcorp.example \u002210.0.0.5`, String.raw`\u003d[own domain] \u0022${address}`],
    [String.raw`\x22Falcon M\u00fcller`, String.raw`\x22[redacted] [redacted]`],
    // A path's backslash is no escape.
    [String.raw`\\tserver.corp.example\c$`, String.raw`\\[own domain]\c$`],
    [String.raw`C:\temp\new\x20 %2299.0.0.5`, String.raw`C:\temp\new\x20 %2299.0.0.5`],
  ])("%s", async (body, expected) => {
    const once = await guarded(all, body);
    expect(once).toBe(expected);
    expect(await guarded(all, once)).toBe(once);
  });
});
