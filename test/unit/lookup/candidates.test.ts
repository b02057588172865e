import type { Artifact } from "../../../src/core/artifact.js";
import { candidatesOf } from "../../../services/lookup/candidates.js";
import { PayloadTooLargeError } from "../../../src/core/errors.js";

const md5 = "0123456789abcdef0123456789abcdef";
const sha1 = `${md5}01234567`;
const sha256 = md5 + md5;

function asked(type: string, value: Artifact["value"]): readonly string[] {
  return candidatesOf({ type, value }).map(({ kind, value: text }) => `${kind} ${text}`);
}

describe("of each type on the wire, what TruSTAR can know is asked for", () => {
  it.each<readonly [type: string, value: Artifact["value"], expected: readonly string[]]>([
    ["net.ip", "203.0.113.7", ["IP 203.0.113.7"]],
    ["net.ip", " 2001:DB8::1 ", ["IP 2001:db8::1", "IP 2001:DB8::1"]],
    ["net.ip", "203.0.113.0/24", ["CIDR_BLOCK 203.0.113.0/24"]],
    ["net.cidr", "203.0.113.0/24", ["CIDR_BLOCK 203.0.113.0/24"]],
    ["net.name", "Evil[.]Example", ["DOMAIN evil.example", "DOMAIN Evil.Example"]],
    ["net.name", "localhost", []],
    ["net.uri", "hxxp://evil[.]example/x", ["URL http://evil.example/x"]],
    ["net.uri", "http://evil.example", ["URL http://evil.example", "URL http://evil.example/"]],
    ["net.uri", "evil.example/login", ["URL evil.example/login"]],
    [
      "email.header.sender_address",
      "Bad <BAD@evil.example>",
      ["EMAIL_ADDRESS bad@evil.example", "EMAIL_ADDRESS BAD@evil.example"],
    ],
    ["email.header.sender_name", "Bad Actor", []],
    ["email.header.sender_name", "bad@evil.example", ["EMAIL_ADDRESS bad@evil.example"]],
    [
      "email.header.to",
      ["a@evil.example", "B <b@evil.example>, c@evil.example"],
      ["EMAIL_ADDRESS a@evil.example", "EMAIL_ADDRESS b@evil.example", "EMAIL_ADDRESS c@evil.example"],
    ],
    ["hash.md5", md5.toUpperCase(), [`HASH ${md5}`, `HASH ${md5.toUpperCase()}`]],
    ["hash.sha1", sha1, [`HASH ${sha1}`]],
    ["hash.sha256", sha256, [`HASH ${sha256}`]],
    ["file.name", "invoice.exe", ["SOFTWARE invoice.exe"]],
    ["file.content", "invoice.exe", ["SOFTWARE invoice.exe"]],
    ["process.name", "svch0st.exe", ["SOFTWARE svch0st.exe"]],
    ["threat.report.cve", "cve-2020-0001", ["CVE CVE-2020-0001", "CVE cve-2020-0001"]],
    ["threat.malware.family", "EXAMPLEBOT", ["MALWARE EXAMPLEBOT"]],
    ["string", "bad@evil.example", ["EMAIL_ADDRESS bad@evil.example"]],
    ["system.registry", { key: "HKLM\\Software\\Evil" }, ["REGISTRY_KEY HKLM\\Software\\Evil"]],
    [
      "system.registry",
      { key: "HKLM\\Run\\", entry_name: "Evil", entry_value: "x" },
      ["REGISTRY_KEY HKLM\\Run\\", "REGISTRY_KEY HKLM\\Run\\Evil"],
    ],
    ["email.header", { name: "X-Originating-IP", value: "[203.0.113.7]" }, ["IP 203.0.113.7"]],
    ["email.header", { name: "Subject", value: "your invoice of 1.2.2024" }, []],
    [
      "net.http.request.header",
      { name: "Host", value: "evil.example:8080" },
      ["URL evil.example:8080", "DOMAIN evil.example"],
    ],
    [
      "net.http.request.header",
      { name: "Referer", value: "http://evil.example/x" },
      ["URL http://evil.example/x"],
    ],
    [
      "net.http.request.header",
      { name: "User-Agent", value: "Mozilla/5.0 Chrome/120.0.0.1 Safari/537.36" },
      [],
    ],
    [
      "net.http.request.header",
      { name: "User-Agent", value: "bot (+http://evil.example/bot)" },
      ["URL http://evil.example/bot)", "URL http://evil.example/bot"],
    ],
    [
      "net.http.response.header",
      { name: "Location", value: "https://evil.example/next" },
      ["URL https://evil.example/next"],
    ],
  ])("%s %j", (type, value, expected) => {
    expect(asked(type, value)).toEqual(expected);
  });
});

describe("what has no counterpart in TruSTAR is never asked for", () => {
  it.each([
    "cert.x509",
    "email",
    "email.body",
    "file.path",
    "hash.fuzzy",
    "net.mac",
    "net.port",
    "net.uri.path",
    "system.mutex",
    "system.name",
    "system.service.name",
    "system.user.name",
    "system.user.password",
    "a.type.of.tomorrow",
    "__proto__",
    "constructor",
  ])("%s", (type) => {
    expect(asked(type, "evil.example")).toEqual([]);
    expect(asked(type, md5)).toEqual([]);
  });
});

describe("a value of another kind than its type promises", () => {
  it.each(["net.ip", "net.uri", "hash.md5", "string", "email.header", "system.registry", "email.header.to"])(
    "is not an indicator of %s and does no harm",
    (type) => {
      for (const value of [443, {}, [], [1, null, { a: [] }], { name: 1, value: 2 }, { key: [] }, ""]) {
        expect(asked(type, value as Artifact["value"])).toEqual([]);
      }
    },
  );
});

it("asks for the hashes of an uploaded file before its name", () => {
  expect(candidatesOf({ type: "file.content", value: "invoice.exe" }, { md5, sha1, sha256 })).toEqual([
    { kind: "HASH", value: sha256 },
    { kind: "HASH", value: sha1 },
    { kind: "HASH", value: md5 },
    { kind: "SOFTWARE", value: "invoice.exe" },
  ]);
});

it("asks for a value once, however often it is written, and in the case in which it is written", () => {
  expect(asked("email.header.to", ["bad@evil.example", "BAD@EVIL.EXAMPLE", "bad@evil.example"])).toEqual([
    "EMAIL_ADDRESS bad@evil.example",
    "EMAIL_ADDRESS BAD@EVIL.EXAMPLE",
  ]);
});

it("sends neither control characters nor white space", () => {
  const hostile = "http://evil.example/\u0001\u0000\u001b[31m";
  for (const type of [
    "net.uri",
    "net.name",
    "file.name",
    "threat.malware.family",
    "string",
    "email.header",
  ]) {
    for (const text of asked(type, hostile))
      expect(text.slice(text.indexOf(" ") + 1)).not.toMatch(/[\p{Cc}\s]/u);
  }
});

describe("credentials inside a value", () => {
  it.each([
    ["net.uri", "https://admin:hunter2@evil.example/x"],
    ["net.uri", "admin:hunter2@evil.example"],
    ["net.uri", "admin:hunter2@evil.example/x"],
    ["string", "ftp://admin:hunter2@evil.example"],
    ["email.header", { name: "Subject", value: "try https://admin:hunter2@evil.example/x" }],
    ["net.http.request.header", { name: "Referer", value: "https://admin:hunter2@evil.example/x" }],
  ])("%s %j: the password stays in the house", (type, value) => {
    expect(asked(type, value).join("\n")).not.toContain("hunter2");
  });

  it.each(["Authorization", "proxy-authorization", "X-Api-Key", "X-Auth-Token", "Cookie", "Set-Cookie"])(
    "the header %s holds a secret, not a file's hash",
    (name) => {
      expect(asked("net.http.request.header", { name, value: `Bearer ${sha256}` })).toEqual([]);
      expect(asked("net.http.request.header", { name, value: md5 })).toEqual([]);
    },
  );
});

describe("indicators in the words of a header", () => {
  it.each([
    ["see http://evil.example/x.", "URL http://evil.example/x"],
    ["it is 203.0.113.7.", "IP 203.0.113.7"],
    ["from mx.example ([203.0.113.7]) by us", "IP 203.0.113.7"],
    ["from mx.example ([IPv6:2001:db8::1]) by us", "IP 2001:db8::1"],
    ["call bad@evil.example!", "EMAIL_ADDRESS bad@evil.example"],
  ])("%s", (value, expected) => {
    expect(asked("email.header", { name: "Received", value })).toContain(expected);
  });
});

it("asks for a host without a scheme with and without its slash, as for a URL", () => {
  expect(asked("net.uri", "evil.example/")).toContain("DOMAIN evil.example");
});

describe("a header whose name only looks like a secret's", () => {
  it.each<readonly [type: string, name: string, value: string, expected: string]>([
    [
      "email.header",
      "Authentication-Results",
      "spf=fail (sender IP is 203.0.113.7) smtp.mailfrom=x",
      "IP 203.0.113.7",
    ],
    ["email.header", "X-Authenticated-Sender", "bad@evil.example", "EMAIL_ADDRESS bad@evil.example"],
    ["net.http.request.header", ":authority", "evil.example", "DOMAIN evil.example"],
  ])("%s %s is read", (type, name, value, expected) => {
    expect(asked(type, { name, value })).toContain(expected);
  });
});

it.each([
  ["http://evil.example:99999/x", "DOMAIN evil.example"],
  ["evil.example:99999/x", "DOMAIN evil.example"],
  ["http://203.0.113.7:65536", "IP 203.0.113.7"],
  ["http://[2001:DB8::1]:99999/", "IP 2001:db8::1"],
])("%s can't be opened, so its host is asked about too", (url, host) => {
  expect(asked("net.uri", url)).toContain(host);
  expect(asked("net.uri", url.replace(/:\d{5}/, ":65535"))).not.toContain(host);
});

describe("punctuation is part of what it stands in", () => {
  const links = ["a,b", "x;y", "p(1)", "it's", "end!"].map((path) => `http://evil.example/${path}`);

  it.each(["o'brien@evil.example", "O'Brien <o'brien@evil.example>", "'o'brien@evil.example'"])(
    "%s is o'brien, not brien",
    (value) => {
      const expected = ["EMAIL_ADDRESS o'brien@evil.example"];
      expect(asked("email.header.sender_address", value)).toEqual(expected);
      expect(asked("email.header.to", [value])).toEqual(expected);
      expect(asked("email.header", { name: "From", value })).toEqual(expected);
    },
  );

  it.each(links)("a header that is the link %s asks for it as it is", (value) => {
    expect(asked("net.http.response.header", { name: "Location", value })).toContain(`URL ${value}`);
    expect(asked("net.http.request.header", { name: "Referer", value })).toContain(`URL ${value}`);
  });

  it.each(links.slice(0, -1))("the link %s is found in a sentence", (link) => {
    expect(asked("email.header", { name: "Subject", value: `Look: ${link}, now!` })).toContain(`URL ${link}`);
    expect(asked("email.header", { name: "Subject", value: `(${link})` }).join(" ")).toContain("URL http");
  });

  it("two links with a comma between them are two", () => {
    const value = "http://a.example/1,http://b.example/2";
    expect(asked("email.header", { name: "List-Unsubscribe", value: `<${value}>` })).toEqual(
      expect.arrayContaining(["URL http://a.example/1", "URL http://b.example/2"]),
    );
  });
});

it.each<readonly [type: string, value: Artifact["value"], expected: string]>([
  [
    "net.http.request.header",
    { name: "X-Forwarded-For", value: "203.0.113.190:4711, 10.0.0.1" },
    "IP 203.0.113.190",
  ],
  [
    "net.http.request.header",
    { name: "Forwarded", value: "for=203.0.113.190;proto=http" },
    "IP 203.0.113.190",
  ],
  ["net.http.request.header", { name: "Forwarded", value: 'for="[2001:db8::7]:4711"' }, "IP 2001:db8::7"],
  ["email.header", { name: "Received-SPF", value: "fail client-ip=203.0.113.7; x" }, "IP 203.0.113.7"],
  ["net.ip", "203.0.113.7:443", "IP 203.0.113.7"],
  ["net.ip", "[2001:db8::7]:443", "IP 2001:db8::7"],
  ["net.uri", "http://evil.example/a b", "URL http://evil.example/a%20b"],
])("%s %j is asked about by its indicator", (type, value, expected) => {
  expect(asked(type, value)).toContain(expected);
});

describe("what is longer than any indicator is text", () => {
  const long = "a".repeat(4_097);

  it.each<readonly [type: string, value: Artifact["value"]]>([
    ["net.ip", `203.0.113.7%${long}`],
    ["net.uri", `http://evil.example/${long}`],
    ["string", `evil.example/${long}`],
    ["string", `evil.example${"[.]".repeat(2_000)}`],
    ["email.header.to", [`bad@evil.example${".".repeat(5_000)}`]],
    ["email.header", { name: "Subject", value: `http://evil.example/${long}` }],
    ["email.header", { name: "Subject", value: `see 203.0.113.7${"!".repeat(5_000)}` }],
    ["system.registry", { key: long }],
  ])("%s has nothing to ask", (type, value) => {
    expect(asked(type, value)).toEqual([]);
  });

  it.each<readonly [type: string, value: (filling: string) => Artifact["value"]]>([
    ["email.header", (filling) => ({ name: "Subject", value: `${filling} http://evil.example/x` })],
    ["email.header", (filling) => ({ name: "Host", value: `${filling} evil.example` })],
    ["email.header.to", (filling) => [filling, "bad@evil.example"]],
    ["email.header.sender_address", (filling) => `${filling}, bad@evil.example`],
  ])("the words of a long %s are still read", (type, value) => {
    expect(asked(type, value("word ".repeat(100_000) + long))).toHaveLength(1);
  });

  it.each(["email.header", "email.header.to"])("a %s with more words than a mail has is refused", (type) => {
    const words = Array.from({ length: 3_001 }, (_, at) => `w${at}`);
    const read = (count: number) =>
      asked(type, type === "email.header" ? words.slice(0, count).join(" ") : words.slice(0, count));
    expect(read(3_000)).toEqual([]);
    expect(() => read(3_001)).toThrow(PayloadTooLargeError);
  });
});

/** Milliseconds of this process, the least of a few tries. */
function workOf(run: () => void): number {
  const tries = Array.from({ length: 3 }, () => {
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000;
  });
  return Math.max(1, Math.min(...tries));
}

/** 400 kB in words as long as an indicator may be, of which every step backwards would take its square. */
it.each([
  ["links", (unit: string) => `http://a${unit}x`],
  ["words", (unit: string) => `a${unit}x`],
])("%s that end in punctuation nearly take no more time than others", (_, word) => {
  const header = (unit: string) =>
    Array.from({ length: 100 }, (__, at) => `${word(unit.repeat(4_000))}${at}`).join(" ");
  const read = (unit: string) => {
    const value = header(unit);
    return workOf(() => asked("email.header", { name: "Subject", value }));
  };
  const plain = read("b");
  for (const unit of ["]", ".", "'", "%", "\\", "@", ":"]) expect(read(unit) / plain).toBeLessThan(15);
});
