import type { Artifact } from "../../../src/core/artifact.js";
import { PayloadTooLargeError } from "../../../src/core/errors.js";
import { askableOf } from "../../../services/lookup/askable.js";
import { EgressPolicy } from "../../../services/lookup/egress-policy.js";

const own = ["corp.example", "198.51.100.0/24"];

/** What would leave of an artifact. */
function leaves(type: string, value: Artifact["value"], plainStrings = false): readonly string[] {
  const observer = {
    taken: () => undefined,
    kept: () => undefined,
    notAsked: () => undefined,
    ended: () => undefined,
  };
  const reading = askableOf(
    { artifact: { type, value }, sourceText: "" },
    { policy: new EgressPolicy(own), observer, plainStrings },
  );
  let step = reading.next();
  while (step.done !== true) step = reading.next();
  return step.value.map((candidate) => candidate.value);
}

const insides = [
  "jdoe@corp.example",
  "jdoe%40corp.example",
  "jdoe%2540corp%252Eexample",
  "jdoe&#64;corp.example",
  "srv01.corp.example",
  "srv01.corp.local",
  "10.1.2.3",
  "10%2E1%2E2%2E3",
  "10[.]1[.]2[.]3",
  "198.51.100.7",
  "fd00::17",
  "http%3A%2F%2Fintranet%2Fx",
  "http://10.1.2.3:8080/",
  Buffer.from("jdoe@corp.example").toString("base64"),
];

describe("a URL whose query or fragment holds something of ours is asked about without them", () => {
  const bare = ["http://evil.example/a/x"];

  it.each(insides)("%s", (inside) => {
    for (const url of [
      `http://evil.example/a/x?u=${inside}`,
      `http://evil.example/a/x?a=1&u=${inside}&b=2#c`,
      `http://evil.example/a/x#${inside}`,
    ]) {
      expect(leaves("net.uri", url)).toEqual(bare);
      expect(leaves("string", url)).toEqual(bare);
      expect(leaves("net.http.request.header", { name: "Referer", value: url })).toEqual(bare);
    }
  });

  it.each(insides.filter((inside) => !inside.includes("/")))(
    "in the path: without the path (%s)",
    (inside) => {
      expect(leaves("net.uri", `http://evil.example/track/${inside}/x?a=1`)).toEqual([
        "http://evil.example",
        "http://evil.example/",
      ]);
    },
  );

  it.each([
    "http://evil.example/a/x?id=17&next=http://other.example/",
    "http://evil.example/a/x?q=corp.example.org",
    "http://evil.example/a/x?q=notcorp.example",
    "http://evil.example/a/x?v=203.0.113.7",
    "http://evil.example/a/x?mail=bad@other.example#top",
    "http://evil.example/corp.example/login",
    "http://evil.example/jquery-3.6.0.min.js?v=20210101",
  ])("%s is asked about as it is", (url) => {
    expect(leaves("net.uri", url)).toEqual([url]);
  });

  it.each([
    "https://eur01.safelinks.protection.outlook.com/?url=http%3A%2F%2Fevil.example%2Fx&data=05%7C01%7Cjdoe%40corp.example%7C1&sdata=a&reserved=0",
    "https://nam02.safelinks.protection.outlook.com/ap/t-59584e83/?url=http%3A%2F%2Fevil.example%2Fx&data=jdoe@elsewhere.example",
  ])("of a Safe Link the link itself, and never for whom it was: %s", (url) => {
    const asked = leaves("net.uri", url);
    expect(asked).toContain("http://evil.example/x");
    expect(asked.join("\n")).not.toMatch(/jdoe|data=|url=/);
  });
});

describe("of a path or a command line the file's name is asked about alone", () => {
  it.each([
    ["file.name", "C:\\Users\\jdoe\\AppData\\evil.exe", "evil.exe"],
    ["file.name", "/home/jdoe/evil.sh", "evil.sh"],
    ["file.content", "\\\\10.0.0.5\\c$\\evil.exe", "evil.exe"],
    ["process.name", "\\\\fs01\\share\\evil.exe", "evil.exe"],
    ["process.name", '"C:\\Program Files\\x\\evil.exe" -p hunter2', "evil.exe"],
    ["process.name", "C:\\Temp Files\\evil.exe -p hunter2 10.0.0.5", "evil.exe"],
    ["process.name", "evil.exe \\\\srv01.corp.local\\c$", "evil.exe"],
    ["process.name", "/usr/bin/curl http://10.0.0.5/x", "curl http:"],
    ["file.name", "cmd.exe /c net use \\\\10.0.0.5\\c$ /user:corp\\jdoe hunter2", "cmd.exe"],
    ["process.name", "net user jdoe hunter2", "net"],
    ["process.name", "powershell -enc SQBFAFgA", "powershell"],
    ["file.name", "Invoice 2020.pdf.exe", "Invoice 2020.pdf.exe"],
  ])("%s %s: %s", (type, value, name) => {
    expect(leaves(type, value)).toEqual(name.includes(":") ? ["curl"] : [name]);
  });
});

describe("a name that holds something of ours stays", () => {
  it.each<readonly [type: string, value: Artifact["value"]]>([
    ["system.registry", { key: "HKCU\\Software\\Servers\\srv01.corp.local" }],
    ["system.registry", { key: "HKCU\\MountPoints2\\##10.0.0.5#c$" }],
    ["system.registry", { key: "HKCU\\MountPoints2\\##fs01#share" }],
    ["system.registry", { key: "HKLM\\Run cmd /c \\\\fs01\\share\\x.exe" }],
    ["system.registry", { key: "HKLM\\Run x.exe password=hunter2" }],
    ["system.registry", "HKCU\\Default\\jdoe@corp.example"],
    ["file.name", "list of corp.example.2024.zip"],
    ["file.name", "scan_10.0.0.5.txt"],
    ["threat.malware.family", "Emotet on srv01.corp.local"],
    ["string", "\\\\10.0.0.5\\c$\\x.exe"],
    ["string", "net use \\\\srv01.corp.local\\c$ /user:jdoe hunter2"],
  ])("%s %j", (type, value) => {
    expect(leaves(type, value, true)).toEqual([]);
  });

  it("of a registry's entry the key is asked about all the same", () => {
    expect(leaves("system.registry", { key: "HKLM\\Run", entry_name: "srv01.corp.local" })).toEqual([
      "HKLM\\Run",
    ]);
    expect(leaves("system.registry", { key: "HKLM\\\\Software\\\\Evil" })).toEqual([
      "HKLM\\\\Software\\\\Evil",
    ]);
  });

  it.each(["x-10.1.2.3@evil.example", "jdoe=corp.example@evil.example"])("the mailbox %s", (mailbox) => {
    expect(leaves("email.header.sender_address", mailbox)).toEqual([]);
  });
});

it.each([
  "http://10(.)1(.)2(.)3/",
  "h00p://10(.)1(.)2(.)3/",
  "hxxp://srv01[.corp[.local/x",
  "10.1.2[.3",
  "\u200b10.1.2.3",
  '"http://10.1.2.3/x"',
  "10.1.2.3:8080",
  "srv01.corp.local|10.1.2.3",
  "*.corp.example",
  "mailto:jdoe@corp.example",
  "${jndi:ldap://10.1.2.3:389/a}",
  "http://SRV01.CORP.LOCAL/x",
])("spelling does not let out what stays inside: %s", (value) => {
  for (const type of ["net.uri", "string", "net.name", "net.ip"]) expect(leaves(type, value)).toEqual([]);
});

describe("own mailboxes and hosts stay, however they are written or hidden", () => {
  it.each<readonly [type: string, value: Artifact["value"]]>([
    ["email.header.to", ["x@corp.example\u200b"]],
    ["email.header.to", ["x@c\u00adorp.example"]],
    ["string", "x@\uff43orp.example"],
    ["email.header.to", ["jdoe=corp[dot]example@evil.test"]],
    ["email.header.to", ["%6a%64%6f%65%40corp.example@evil.test"]],
    ["file.name", "\\\\srv01"],
    ["file.name", "C:%5CUsers%5Cjdoe%5C"],
    ["system.registry", { key: "HKCU\\x##fs01#share" }],
    ["system.registry", { key: "HKCU\\Servers\\srv01.local" }],
    ["system.registry", { key: "HKLM\\Winlogon /v DefaultPassword /d hunter2" }],
  ])("%s %j", (type, value) => {
    expect(leaves(type, value)).toEqual([]);
  });

  it.each([
    "p/10&#46;1&#46;2&#46;3/q",
    "p/jdoe&commat;corp&#x2e;example/q",
    "p/jdoe@corp.example+x",
    "p/jdoe@corp.example_x",
    "p/jdoe@corp.example.html",
    "p/jdoe=corp.example",
    "?m=jdoe@corp.example.html",
    "?x=srv01.corp.local.png",
    "?x=srv01.local",
    "#\\\\srv01\\c$",
    `?t=${Buffer.from("jdoe@corp.example\n").toString("base64")}`,
    `?t=x-${Buffer.from("jdoe@corp.example").toString("base64")}`,
  ])("of https://evil.test/%s something is asked, and nothing of it", (rest) => {
    const asked = leaves("net.uri", `https://evil.test/${rest}`);
    expect(asked).toContain("https://evil.test/");
    expect(asked.join("\n")).not.toMatch(/jdoe|corp|srv01|10[.&]|amRv/);
  });
});

it.each<readonly [type: string, value: Artifact["value"]]>([
  ["email.header", { name: "", value: "Cookie: http://evil.test/hunter2" }],
  ["email.header", { name: "Cookie:", value: "http://evil.test/hunter2" }],
  ["net.http.request.header", { name: "X_Api_Key", value: "http://evil.test/hunter2" }],
  ["net.http.request.header", { name: "X-Authorization", value: "http://evil.test/hunter2" }],
  ["net.http.request.header", "\u200b Cookie: http://evil.test/hunter2"],
  ["net.http.request.header", "> Cookie: http://evil.test/hunter2"],
  ["net.http.request.header", "-H 'Cookie: http://evil.test/hunter2'"],
  ["net.http.request.header", "Accept: */*\\nCookie: http://evil.test/hunter2"],
  ["string", "Cookie: b=http://evil.test/hunter2"],
  ["string", "Administrator:500:aad3b435b51404eeaad3b435b51404ee:8846f7eaee8fb117ad06bdd830b7586c:::"],
  ["string", "jdoe;5f4dcc3b5aa765d61d8327deb882cf99"],
  ["string", "1234-5678-1234-5678-1234-5678-1234-5678"],
])("a secret is no indicator: %s %j", (type, value) => {
  expect(leaves(type, value)).toEqual([]);
});

it.each([
  "mailto:bad@evil.test&#63;cc=vic@good.test",
  '<mailto:bad@evil.test?subject="a"&cc=vic@good.test>',
  "<mailto:bad@evil.test?subject=a>b&cc=vic@good.test>",
  "mailto:bad@evil.test\n?cc=vic@good.test",
])("who else gets a mail is not asked about: %j", (link) => {
  expect(leaves("email.header.to", [link])).toEqual(["bad@evil.test"]);
});

it.each([
  "http://a.safelinks.protection.outlook.com/?url=http%3A%2F%2Fevil.test%2Fx&data=05;vic@good.test;x",
  "https://a.safelinks.protection.outlook.com:8443/#?url=http%3A%2F%2Fevil.test%2Fx&data=vic%40good.test",
  "https://a.safelinks.protection.office365.us/?data=vic%40good.test&url=http%3A%2F%2Fevil.test%2Fx",
])("for whom a Safe Link was is not asked about: %s", (link) => {
  for (const [type, value] of [
    ["net.uri", link],
    ["email.header", { name: "X-Link", value: link }],
  ] as const) {
    expect(leaves(type, value)).toContain("http://evil.test/x");
    expect(leaves(type, value).join("\n")).not.toMatch(/vic|data=/);
  }
  expect(leaves("email.header.to", [link]).join()).not.toMatch(/vic/);
});

describe("what was always asked is asked still", () => {
  it.each<readonly [type: string, value: Artifact["value"], expected: string]>([
    ["net.uri", "http://evil.test++/x", "http://evil.test++/x"],
    ["net.uri", "http://evil.test&a=b", "http://evil.test&a=b"],
    ["file.name", "Terms & Conditions.pdf", "Terms & Conditions.pdf"],
    ["file.name", "Payment -DHL.exe", "Payment -DHL.exe"],
    ["file.name", "C:\\Users\\John Doe & Co\\evil.exe", "evil.exe"],
    ["file.name", "Microsoft.Internal.dll", "Microsoft.Internal.dll"],
    ["threat.malware.family", "Backdoor.Home", "Backdoor.Home"],
    ["email.header", { name: "Received", value: "from evil.build (203.0.113.9) by mx.test" }, "203.0.113.9"],
    ["email.header", { name: "X-Originating-IP", value: "id=203.0.113.9" }, "203.0.113.9"],
    ["net.http.request.header", { name: "Forwarded", value: "id=203.0.113.9" }, "203.0.113.9"],
    ["email.header", { name: "Subject", value: "see ssh://git@evil.test/x now" }, "ssh://evil.test/x"],
    ["string", "evil.test|bad@evil2.test", "bad@evil2.test"],
    ["string", "https://evil.test/x|203.0.113.9", "203.0.113.9"],
    ["net.uri", "http://evil.test/index.home", "http://evil.test/index.home"],
  ])("%s %j", (type, value, expected) => {
    expect(leaves(type, value)).toContain(expected);
  });

  it("of 490 links without a slash behind their hosts", () => {
    const links = Array.from({ length: 490 }, (_, at) => `http://h${at}.test`);
    expect(leaves("email.header", { name: "X", value: links.join(" ") })).toHaveLength(980);
  });

  it("but more headers in one text than any mail has are refused", () => {
    expect(() => leaves("email.header", "\na: b".repeat(1_000))).toThrow(PayloadTooLargeError);
  });
});
