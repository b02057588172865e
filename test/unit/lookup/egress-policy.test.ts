import type { Artifact } from "../../../src/core/artifact.js";
import { OwnLinks } from "../../../services/core/own-links.js";
import type { CandidateKind } from "../../../services/core/candidate.js";
import { candidatesOf } from "../../../services/lookup/candidates.js";
import { EgressPolicy } from "../../../services/lookup/egress-policy.js";

/** What of an artifact would leave the house. */
function leaves(neverLookup: readonly string[], type: string, value: Artifact["value"]): readonly string[] {
  const policy = new EgressPolicy(neverLookup);
  if (policy.keepsType(type) !== undefined) return [];
  return candidatesOf({ type, value })
    .filter((candidate) => policy.keeps(candidate) === undefined)
    .map((candidate) => candidate.value);
}

function reason(neverLookup: readonly string[], kind: CandidateKind, value: string): string | undefined {
  return new EgressPolicy(neverLookup).keeps({ kind, value });
}

describe("addresses that mean something only inside", () => {
  it.each([
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "224.0.0.251",
    "255.255.255.255",
    "::",
    "::1",
    "fc00::1",
    "fdff:ffff::1",
    "fe80::1%eth0",
    "febf::1",
    "ff02::1",
    "::ffff:10.0.0.1",
    "::ffff:a00:1",
    "0:0:0:0:0:FFFF:192.168.0.1",
  ])("%s never leaves", (address) => {
    expect(leaves([], "net.ip", address)).toEqual([]);
    expect(leaves([], "string", address)).toEqual([]);
    const host = address.includes(":") ? `[${address.replace(/%.*/, "")}]` : address;
    expect(leaves([], "net.uri", `http://${host}:8080/x`)).toEqual([]);
  });

  it.each(["10.0.0.0/8", "192.168.0.0/16", "fe80::/64", "100.64.0.0/24"])(
    "the block %s never leaves",
    (block) => {
      expect(leaves([], "net.cidr", block)).toEqual([]);
    },
  );

  it.each([
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
    "192.169.0.0",
    "223.255.255.255",
    "2001:db8::1",
    "::ffff:203.0.113.7",
  ])("%s is nobody's inside", (address) => {
    expect(leaves([], "net.ip", address)).not.toEqual([]);
  });

  it.each(["64:ff9b::10.0.0.1", "2002:a00:1::1", "::10.0.0.1"])(
    "%s carries a private address inside and never leaves",
    (address) => {
      expect(leaves([], "net.ip", address)).toEqual([]);
    },
  );

  it("benchmark and site-local networks are inside too, as IANA's registries have them", () => {
    expect(leaves([], "net.ip", "198.18.0.1")).toEqual([]);
    expect(leaves([], "net.ip", "fec0::1")).toEqual([]);
  });
});

describe("what carries something private", () => {
  const own = ["corp.example", "203.0.113.0/24", "m\u00fcller.example", "acme"];

  it.each<readonly [type: string, value: string, expected: string]>([
    ["net.cidr", "10.0.0.0/7", "private_address"],
    ["net.cidr", "0.0.0.0/0", "private_address"],
    ["net.cidr", "64:ff9b::/90", "private_address"],
    ["net.cidr", "203.0.0.0/8", "never_lookup"],
    ["net.ip", "64:ff9b:1:a00:0:500::", "private_address"],
    ["net.ip", "2001:db8::5efe:10.0.0.5", "private_address"],
    ["net.ip", "::ffff:0:203.0.113.5", "never_lookup"],
    ["net.uri", "http://[2001:db8::5efe:a00:5]/", "private_address"],
    ["net.name", "10.0.0.5.nip.io", "private_address"],
    ["net.name", "203-0-113-7.example", "never_lookup"],
    ["net.uri", "https://app-10-0-0-5.sslip.io:8443/x", "private_address"],
    ["email.header.to", "jo@10-0-0-5.nip.io", "private_address"],
    ["email.header.to", "jo=corp.example@bounce.example", "never_lookup"],
    ["email.header.to", "jo%corp.example@relay.example", "never_lookup"],
    ["email.header.to", "jo+mail.corp.example@x.example", "never_lookup"],
    ["email.header.to", "SRS0=hhh=tt=corp.example=jo@forward.example", "never_lookup"],
    ["email.header.to", "bounces-jo-corp.example@x.example", "never_lookup"],
    ["email.header.to", "jo%40corp%2Eexample@x.example", "never_lookup"],
    ["email.header.to", "jo=3Dcorp=2Eexample@x.example", "never_lookup"],
    ["email.header.to", "jo=m\u00fcller.example@x.example", "never_lookup"],
    ["email.header.to", "corp.example!jo@x.example", "never_lookup"],
    ["email.header.to", "jo=fs.acme@x.example", "never_lookup"],
    ["email.header.to", "jo=fs01.local@x.example", "internal_name"],
    ["email.header.to", "jo=10.0.0.5@x.example", "private_address"],
  ])("%s %s never leaves", (type, value, expected) => {
    const [candidate] = candidatesOf({ type, value });
    expect(candidate && new EgressPolicy(own).keeps(candidate)).toBe(expected);
    expect(leaves(own, type, value)).toEqual([]);
  });

  it.each(["::ffff:0:0/95", '"jo@corp.example"@x.example'])("%s is not even read", (value) => {
    expect(leaves(own, "string", value)).toEqual([]);
    expect(leaves(own, "email.header.to", [value])).toEqual([]);
  });

  it.each([
    "jo.home@x.example",
    "acme@x.example",
    "jo.smith-acme@x.example",
    "bounce-jo=other.example@x.example",
    "jo=corp.example.net@x.example",
    "jo=notcorp.example@x.example",
    "178-162-193-66.isp.example",
    "245.12.201.35.bc.googleusercontent.com",
    "10.12.201.35.bc.googleusercontent.com",
    "php-0-9-1-2.example",
    "8.8.8.8.nip.io",
    "8.8.8.0/24",
    "2001:4860::/32",
  ])("%s is free to go", (value) => {
    expect(leaves(own, "string", value)).toEqual([value]);
  });

  it("a URL of an older version with a host that is too long stays", () => {
    expect(reason([], "URL", `http://${"a.".repeat(400)}example/`)).toBe("unreadable_host");
    expect(reason([], "URL", `http://${"\u4e2d".repeat(64)}.example/`)).toBe("unreadable_host");
  });
});

describe("an address in disguise", () => {
  it.each([
    "http://0x7f.1/",
    "http://0x7f000001/",
    "http://2130706433/",
    "http://0177.0.0.1/",
    "http://127.1/",
    "http://0xa.0.0.1/admin",
    "http://167772161/",
    "http://%31%30.0.0.1/",
    "http://\uff11\uff10.0.0.1/",
    "http://10\u3002 0.0.1/".replace(" ", ""),
    "http://[::ffff:10.0.0.1]/",
    "http://[::ffff:a00:1]/",
    "http://user@10.0.0.1/",
    "http://evil.example@10.0.0.1/",
    "http://10.0.0.1./",
    "HTTP://10.0.0.1:80?x",
    "ftp://0x7f.1/",
    "gopher://0x7f.1/",
    "10.0.0.1:8080/x",
    "10.0.0.1/x",
  ])("%s never leaves", (url) => {
    expect(leaves([], "net.uri", url)).toEqual([]);
  });
});

describe("names that mean something only inside", () => {
  it.each([
    "localhost",
    "printer",
    "printer.local",
    "db.corp",
    "db.internal",
    "nas.lan",
    "router.home.arpa",
    "1.0.0.10.in-addr.arpa",
    "www.localhost",
    "INTRANET.Corp.",
  ])("%s never leaves, alone or in a URL or an e-mail address", (name) => {
    expect(leaves([], "net.name", name)).toEqual([]);
    expect(leaves([], "net.uri", `https://${name}/x`)).toEqual([]);
    expect(leaves([], "email.header.sender_address", `user@${name}`)).toEqual([]);
  });

  it("a URL that nobody can take apart stays", () => {
    expect(leaves([], "net.uri", "http://a:b/@10.0.0.1/")).toEqual([]);
    for (const url of ["http://a:b/@10.0.0.1/", "http://%zz.example/", "http://1.2.3.4.5/"])
      expect(reason([], "URL", url)).toBe("unreadable_host");
  });

  it.each<readonly [url: string, expected: string | undefined]>([
    ["http://evil.example:99999/x", undefined],
    ["evil.example:99999", undefined],
    ["http://[2606:4700::1]:99999/", undefined],
    ["http://10.0.0.1:99999/", "private_address"],
    ["http://0x7f.1:99999/", "private_address"],
    ["http://[::1]:99999/", "private_address"],
    ["http://db.corp.example:70000/", "never_lookup"],
    ["db.corp.example:70000/x", "never_lookup"],
    ["http://printer:70000/", "internal_name"],
    ["http://evil.example:99999@10.0.0.1/", "private_address"],
    ["http://evil.example:99999\\@10.0.0.1/", "private_address"],
  ])("%s is judged by its host, though its port is impossible", (url, expected) => {
    expect(reason(["corp.example"], "URL", url)).toBe(expected);
  });
});

describe("domains of the company", () => {
  const own = ["corp.example", "*.wild.example", ".dot.example", "Umlaut-b\u00fccher.example"];

  it.each([
    ["net.name", "corp.example"],
    ["net.name", "CORP.example."],
    ["net.name", "vpn.corp.example"],
    ["net.name", "a.b.corp.example"],
    ["net.name", "corp[.]example"],
    ["net.name", "x.wild.example"],
    ["net.name", "x.dot.example"],
    ["net.name", "www.umlaut-b\u00fccher.example"],
    ["net.name", "xn--umlaut-bcher-klb.example"],
    ["net.uri", "https://corp.example/secret"],
    ["net.uri", "https://vpn.corp.example:8443/x?y"],
    ["net.uri", "https://evil.example@corp.example/"],
    ["net.uri", "https://CORP.EXAMPLE./"],
    ["net.uri", "https://c%6frp.example/"],
    ["net.uri", "https://cor\u00adp.example/"],
    ["net.uri", "corp.example/x"],
    ["net.uri", "corp\u3002example/x"],
    ["net.uri", "https://corp.example../x"],
    ["email.header.sender_address", "Boss <boss@corp.example>"],
    ["email.header.sender_address", "boss@mail.corp.example"],
    ["string", "boss@corp.example"],
    ["net.http.request.header", { name: "Host", value: "corp.example:443" }],
    ["net.http.request.header", { name: "Referer", value: "https://corp.example/x" }],
  ])("%s %j never leaves", (type, value) => {
    expect(leaves(own, type, value)).toEqual([]);
  });

  it.each([
    "notcorp.example",
    "corp.example.evil.example",
    "corp-example.example",
    "example",
    "corp.examples.example",
  ])("the look-alike %s is asked about", (name) => {
    if (name.includes(".")) expect(leaves(own, "net.name", name)).toEqual([name]);
    expect(leaves(own, "net.uri", `https://www.${name}.evil.example/corp.example`)).toHaveLength(1);
  });

  it("of many recipients only those outside are asked about", () => {
    const to = ["a@corp.example", "b@evil.example", "c@hr.corp.example"];
    expect(leaves(own, "email.header.to", to)).toEqual(["b@evil.example"]);
  });

  it("colleagues do not take the places of the outsiders among many recipients", () => {
    const to = [...Array.from({ length: 30 }, (_, at) => `user${at}@corp.example`), "bad@evil.example"];
    expect(leaves(own, "email.header.to", to)).toEqual(["bad@evil.example"]);
  });

  it("a top-level domain of the company's own keeps all below it, since the configuration accepts it", () => {
    expect(leaves(["acme"], "net.name", "vpn.acme")).toEqual([]);
    expect(leaves(["acme"], "net.name", "vpn.notacme")).toEqual(["vpn.notacme"]);
  });
});

describe("addresses and blocks of the company", () => {
  const own = ["203.0.113.0/25", "198.51.100.9", "2001:db8:1::/48", "2001:db8:2::5"];

  it.each(["203.0.113.7", "::ffff:203.0.113.7", "198.51.100.9", "2001:db8:1:2::3", "2001:DB8:2:0::5"])(
    "%s never leaves",
    (address) => {
      expect(leaves(own, "net.ip", address)).toEqual([]);
      const host = address.includes(":") ? `[${address}]` : address;
      expect(leaves(own, "net.uri", `http://${host}/x`)).toEqual([]);
    },
  );

  it.each(["203.0.113.128", "198.51.100.8", "2001:db8:3::1"])("%s is asked about", (address) => {
    expect(leaves(own, "net.ip", address)).toEqual([address]);
  });

  it("a block within an own block never leaves, nor one that contains it", () => {
    expect(leaves(own, "net.cidr", "203.0.113.64/26")).toEqual([]);
    expect(leaves(own, "net.cidr", "203.0.113.0/24")).toEqual([]);
    expect(leaves(own, "net.cidr", "203.0.112.0/22")).toEqual([]);
  });

  it("an own block that is written as mapped addresses means the IPv4 block", () => {
    expect(leaves(["::ffff:198.51.100.0/120"], "net.ip", "198.51.100.7")).toEqual([]);
  });
});

describe("artifact types", () => {
  it.each(["net.ip", "Net.IP", "NET.ip"])("%s in never_lookup keeps every net.ip inside", (entry) => {
    expect(leaves([entry], "net.ip", "203.0.113.7")).toEqual([]);
    expect(leaves([entry], "net.name", "evil.example")).toEqual(["evil.example"]);
  });

  it.each(["system.user.password", "email.body"])("%s stays whatever the configuration says", (type) => {
    for (const neverLookup of [[], ["corp.example"], [type], ["net.ip"]]) {
      expect(new EgressPolicy(neverLookup).keepsType(type)).toBe("secret_type");
    }
  });
});

it("says why a value stays", () => {
  expect(reason([], "IP", "10.0.0.1")).toBe("private_address");
  expect(reason([], "DOMAIN", "db.corp")).toBe("internal_name");
  expect(reason(["evil.example"], "DOMAIN", "evil.example")).toBe("never_lookup");
  expect(reason(["203.0.113.0/24"], "IP", "203.0.113.7")).toBe("never_lookup");
  expect(reason(["203.0.113.0/24"], "URL", "http://203.0.113.7/")).toBe("never_lookup");
  expect(reason([], "EMAIL_ADDRESS", "root@db.corp")).toBe("internal_name");
});

it("keeps nothing of kinds that hold neither an address nor a host", () => {
  for (const kind of ["HASH", "CVE", "BITCOIN_ADDRESS"] as const) {
    expect(reason(["corp.example"], kind, "corp.example")).toBeUndefined();
  }
});

it("is made of any list that the configuration accepts", () => {
  expect(
    () => new EgressPolicy(["fe80::1%eth0", "10.0.0.1", "corp", "_x.example", "*.example", "net.ip"]),
  ).not.toThrow();
});

describe("addresses of TruSTAR itself", () => {
  const policy = new EgressPolicy(
    [],
    new OwnLinks(["https://station.example", "https://api.example/trustar"]),
  );
  const reasonFor = (type: string, value: string) =>
    candidatesOf({ type, value }).map((candidate) => policy.keeps(candidate));

  it.each([
    ["net.uri", "https://station.example/constellation/reports/x"],
    ["net.uri", "hxxps://STATION[.]example/x"],
    ["net.uri", "station.example/x"],
    ["net.name", "station.example"],
    ["string", "https://api.example/trustar/api/1.3"],
  ])("are not asked about: %s %s", (type, value) => {
    expect(reasonFor(type, value)).toContain("trustar_itself");
    expect(reasonFor(type, value)).not.toContain(undefined);
  });

  it.each([
    ["net.uri", "https://evil.example/?next=https://station.example/x"],
    ["net.uri", "https://station.example.evil.test/x"],
    ["net.uri", "https://api.example/other"],
    ["net.name", "api.example"],
  ])("are told from others: %s %s", (type, value) => {
    expect(reasonFor(type, value)).not.toContain("trustar_itself");
  });
});
