import type { Artifact } from "../../../src/core/artifact.js";
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
