import { asCidr, asDomain, asIp } from "../../../services/core/host-value.js";
import {
  asBitcoinAddress,
  asCve,
  asEmail,
  asHash,
  asName,
  recognise,
} from "../../../services/core/indicator-value.js";
import { refang } from "../../../services/core/spelling.js";
import { asUrl, portTwin, slashTwin } from "../../../services/core/url-value.js";

const md5 = "0123456789abcdef0123456789ABCDEF";
const sha1 = `${md5}01234567`;
const sha256 = md5 + md5;

describe("what is written so that nobody clicks it", () => {
  it.each([
    ["hxxp://evil[.]example/x", "http://evil.example/x"],
    ["hXXps://evil(.)example", "https://evil.example"],
    ["hxxps[:]//evil[dot]example", "https://evil.example"],
    ["hxxps[://]evil[.]example", "https://evil.example"],
    ["203[.]0[.]113[.]7", "203.0.113.7"],
    ["evil[[.]]example", "evil.example"],
    ["203{.}0{.}113{.}7", "203.0.113.7"],
    ["bad[[@]]evil[[dot]]example", "bad@evil.example"],
    ["bad((at))evil.example", "bad@evil.example"],
    ["hxxps[[:]]//evil.example", "https://evil.example"],
    ["hxxp[[://]]evil.example", "http://evil.example"],
    ["http://evil.example/f(.))(a(dot))", "http://evil.example/f.)(a.)"],
    ["bad[at]evil[.]example", "bad@evil.example"],
    ["bad[@]evil(dot)example", "bad@evil.example"],
    ["2001:db8[:]:1", "2001:db8::1"],
    ["http://[2001:db8::1]/", "http://[2001:db8::1]/"],
    ["http://evil.example/hxxp://x", "http://evil.example/hxxp://x"],
  ])("%s is read as %s", (defanged, meant) => {
    expect(refang(defanged)).toBe(meant);
  });
});

describe("addresses", () => {
  it.each([
    ["203.0.113.7", "203.0.113.7"],
    ["2001:DB8::1", "2001:db8::1"],
    ["2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"],
    ["[2001:db8::1]", "2001:db8::1"],
    ["fe80::1%eth0", "fe80::1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["::FFFF:c000:201", "192.0.2.1"],
    ["0:0:0:0:0:ffff:192.0.2.1", "192.0.2.1"],
    ["::ffff:0:0", "0.0.0.0"],
    ["::", "::"],
  ])("%s is the address %s", (text, value) => {
    expect(asIp(text)).toEqual({ kind: "IP", value });
  });

  it.each([
    "",
    "203.0.113",
    "203.0.113.256",
    "010.0.0.1",
    "0x7f.1",
    "2130706433",
    "1.2.3.4.5",
    "2001:db8::g",
    "[]",
  ])("%j is not an address", (text) => {
    expect(asIp(text)).toBeUndefined();
  });

  it.each([
    ["203.0.113.0/24", "203.0.113.0/24"],
    ["203.0.113.0/024", "203.0.113.0/24"],
    ["2001:DB8::/32", "2001:db8::/32"],
    ["0.0.0.0/0", "0.0.0.0/0"],
  ])("%s is the block %s", (text, value) => {
    expect(asCidr(text)).toEqual({ kind: "CIDR_BLOCK", value });
  });

  it.each([
    "203.0.113.0",
    "203.0.113.0/33",
    "2001:db8::/129",
    "203.0.113.0/24/8",
    "203.0.113.0/-1",
    "/24",
    "a/8",
  ])("%j is not a block", (text) => {
    expect(asCidr(text)).toBeUndefined();
  });
});

describe("host names", () => {
  it.each([
    ["Evil.Example", "evil.example"],
    ["evil.example.", "evil.example"],
    ["b\u00fccher.example", "xn--bcher-kva.example"],
    ["B\u00dcCHER.example", "xn--bcher-kva.example"],
    ["evil\u3002example", "evil.example"],
    ["_dmarc.evil.example", "_dmarc.evil.example"],
    ["\u043f\u0440\u0438\u043c\u0435\u0440.\u0440\u0444", "xn--e1afmkfd.xn--p1ai"],
  ])("%s is the host %s", (text, value) => {
    expect(asDomain(text)).toEqual({ kind: "DOMAIN", value });
  });

  it.each(["localhost", "evil", "", ".", "evil..example", "evil.123", "a b.example", "evil.exam\u0000ple"])(
    "%j is not a host that means something outside",
    (text) => {
      expect(asDomain(text)).toBeUndefined();
    },
  );

  it("takes neither a label nor a name that is too long", () => {
    expect(asDomain(`${"a".repeat(64)}.example`)).toBeUndefined();
    expect(asDomain(`${"a.".repeat(130)}example`)).toBeUndefined();
  });

  it("of a name in another script takes no label that is too long, whatever its ASCII form would be", () => {
    expect(asDomain(`${"\u4e2d".repeat(40)}.example`)).toBeDefined();
    const soft = "\u00ad".repeat(60);
    expect(asDomain(`abc${soft}\u4e2d.example`)).toBeUndefined();
    expect(asUrl(`http://abc${soft}\u4e2d.example/`)).toBeUndefined();
    expect(asUrl(`http://${"a".repeat(760)}/`)).toBeUndefined();
    expect(asUrl(`http://${"%61".repeat(250)}/`)).toBeDefined();
  });

  it("takes no path for a part of a host name", () => {
    expect(asDomain("evil.example/x")).toBeUndefined();
    expect(asEmail("bad@evil.example/x")).toBeUndefined();
  });
});

describe("URLs", () => {
  it.each([
    ["HTTP://Evil.EXAMPLE/Path?Q=1#F", "http://evil.example/Path?Q=1#F"],
    ["http://user:hunter2@evil.example/x", "http://evil.example/x"],
    ["http://user:hun@ter2@evil.example/x@y", "http://evil.example/x@y"],
    ["ftp://hunter2@evil.example", "ftp://evil.example"],
    ["http://evil.example:8080/x", "http://evil.example:8080/x"],
    ["http://[2001:DB8::1]:80/", "http://[2001:db8::1]:80/"],
  ])("%s is asked for as %s", (text, value) => {
    expect(asUrl(text)).toEqual({ kind: "URL", value });
  });

  it.each([
    "http://",
    "http:///x",
    "//evil.example/x",
    "http://evil.example/a b",
    "mailto:bad@evil.example",
    "javascript:alert(1)",
  ])("%j is not a URL with a host", (text) => {
    expect(asUrl(text)).toBeUndefined();
  });

  it("has a twin with or without the slash after the host, and none when a path follows", () => {
    const url = (value: string) => ({ kind: "URL", value }) as const;
    expect(slashTwin(url("http://evil.example"))).toEqual(url("http://evil.example/"));
    expect(slashTwin(url("http://evil.example/"))).toEqual(url("http://evil.example"));
    expect(slashTwin(url("http://evil.example/x/"))).toBeUndefined();
  });
});

it.each([
  ["e-mail address", asEmail, "Bad.Actor@EVIL.example", "bad.actor@evil.example"],
  ["MD5", asHash, md5, md5.toLowerCase()],
  ["SHA-1", asHash, sha1, sha1.toLowerCase()],
  ["SHA-256", asHash, sha256, sha256.toLowerCase()],
  ["CVE", asCve, "cve-2021-44228", "CVE-2021-44228"],
  [
    "Bitcoin address",
    asBitcoinAddress,
    "1BoatSLRHtKNngkdXEeobR76b53LETtpyT",
    "1BoatSLRHtKNngkdXEeobR76b53LETtpyT",
  ],
] as const)("an %s is written in one way", (_name, read, text, value) => {
  expect(read(text)?.value).toBe(value);
});

it.each([
  ["a hash of another length", asHash, `${md5}0`],
  ["a hash with a letter too far", asHash, md5.replace("a", "g")],
  ["a CVE without its number", asCve, "CVE-2021-"],
  ["an e-mail address without a domain", asEmail, "bad@evil"],
  ["an e-mail address with two signs", asEmail, "a@b@evil.example"],
  ["a short name", (text: string) => asName("MALWARE", text), "xy"],
  ["a name with a control character", (text: string) => asName("MALWARE", text), "Emo\u0007tet"],
  ["a name with a line break", (text: string) => asName("SOFTWARE", text), "a.exe\nb.exe"],
  ["a name that is a text", (text: string) => asName("SOFTWARE", text), "x".repeat(513)],
] as const)("%s is not an indicator", (_name, read, text) => {
  expect(read(text)).toBeUndefined();
});

describe("a text that is one indicator as a whole", () => {
  it.each([
    ["  203[.]0[.]113[.]7 ", "IP"],
    ["203.0.113.0/24", "CIDR_BLOCK"],
    [sha256, "HASH"],
    ["cve-2020-0001", "CVE"],
    ["bad@evil.example", "EMAIL_ADDRESS"],
    ["hxxps://evil[.]example/login", "URL"],
    ["evil.example/login", "URL"],
    ["evil.example:8443", "URL"],
    ["evil.example", "DOMAIN"],
    ["bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", "BITCOIN_ADDRESS"],
  ])("%s is recognised as %s", (text, kind) => {
    expect(recognise(text)?.kind).toBe(kind);
  });

  it.each([
    "",
    "hello",
    "two words",
    "evil.example and more",
    "C:\\Windows\\cmd.exe",
    `http://evil.example/${"x".repeat(5_000)}`,
  ])("%.40j is nothing that TruSTAR could know", (text) => {
    expect(recognise(text)).toBeUndefined();
  });
});

describe("ways to write one thing", () => {
  it.each([
    ["203.0.113.9/24", "203.0.113.0/24"],
    ["203.0.113.7/32", "203.0.113.7"],
    ["2001:db8:0:1::5/33", "2001:db8::/33"],
    ["2001:db8::1/128", "2001:db8::1"],
    ["255.255.255.255/1", "128.0.0.0/1"],
    ["9.9.9.9/0", "0.0.0.0/0"],
  ])("the block %s is %s", (text, value) => {
    expect(asCidr(text)?.value).toBe(value);
  });

  it("a URL's host in another script is its ASCII form", () => {
    expect(asUrl("http://b\u00fccher.example:8080/\u00fc")?.value).toBe(
      "http://xn--bcher-kva.example:8080/\u00fc",
    );
  });

  it.each([
    ["http://evil.example:80/a", "http://evil.example/a"],
    ["https://evil.example:443", "https://evil.example"],
    ["https://evil.example:80/a", undefined],
    ["http://evil.example:8080/a", undefined],
  ])("the scheme's own port in %s may be left out", (value, bare) => {
    expect(portTwin({ kind: "URL", value })?.value).toBe(bare);
  });
});
