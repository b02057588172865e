import {
  addressesInName,
  firstAddress,
  isPrivateAddress,
  readNetwork,
  touchesOneOf,
} from "../../../src/core/addresses.js";

/** 10.0.0.5, and 8.8.8.8 in the same place, in every form of IPv6 that carries IPv4. */
const carriers = [
  ["IPv4-compatible", "::10.0.0.5", "::8.8.8.8"],
  ["mapped", "::ffff:a00:5", "::ffff:808:808"],
  ["translated (SIIT)", "::ffff:0:10.0.0.5", "::ffff:0:8.8.8.8"],
  ["NAT64", "64:ff9b::a00:5", "64:ff9b::808:808"],
  ["6to4", "2002:a00:5::1", "2002:808:808::1"],
  ["a Teredo server", "2001:0:a00:5:8000:63bf:3fff:fdd2", "2001:0:808:808:8000:63bf:3fff:fdd2"],
  ["a Teredo client", "2001:0:808:808:0:63bf:f5ff:fffa", "2001:0:808:808:0:63bf:f7f7:f7f7"],
  ["ISATAP", "2001:db8::5efe:10.0.0.5", "2001:db8::5efe:8.8.8.8"],
  ["ISATAP, universal", "2001:db8::200:5efe:a00:5", "2001:db8::200:5efe:808:808"],
] as const;

describe("an address in IPv6", () => {
  it.each(carriers)("as %s is private when the IPv4 in it is", (_, inside, outside) => {
    expect(isPrivateAddress(inside)).toBe(true);
    expect(isPrivateAddress(outside)).toBe(false);
  });

  it("is private below the NAT64 prefix for local use, wherever the IPv4 stands in it", () => {
    for (const address of ["64:ff9b:1:a00:0:500::", "64:ff9b:1:0:a:0:5::", "64:ff9b:1::a00:5"])
      expect(isPrivateAddress(address)).toBe(true);
    expect(isPrivateAddress("64:ff9b:2::1")).toBe(false);
  });

  it("is compared with the IPv4 of a list by the address inside", () => {
    const list = [readNetwork("203.0.113.0/24")].filter((one) => one !== undefined);
    const touches = (text: string): boolean => {
      const network = readNetwork(text);
      return network !== undefined && touchesOneOf(network, list);
    };
    expect(["203.0.113.9", "2002:cb00:7109::1", "64:ff9b::cb00:7100/120"].every(touches)).toBe(true);
    expect(["203.0.114.9", "2002:cb00:7209::1", "64:ff9b::cb00:7200/120"].some(touches)).toBe(false);
  });
});

describe("a network", () => {
  it.each([
    "10.0.0.0/7",
    "8.0.0.0/5",
    "0.0.0.0/0",
    "192.168.7.0/25",
    "::/0",
    "::ffff:0:0/95",
    "64:ff9b::/90",
    "64:ff9b::a00:0/104",
    "2002::/16",
    "fc00::/6",
    "64:ff9b::/40",
    "2001:db8::5efe:10.0.0.0/104",
  ])("%s has private addresses in it", (text) => {
    expect(isPrivateAddress(text)).toBe(true);
  });

  it.each(["8.8.8.0/24", "11.0.0.0/8", "2001:4860::/32", "2a00::/12", "64:ff9b::808:0/112", "2002:808::/32"])(
    "%s has none",
    (text) => {
      expect(isPrivateAddress(text)).toBe(false);
    },
  );

  it("begins with nothing behind its prefix", () => {
    const first = (text: string): string | undefined => {
      const network = readNetwork(text);
      return network && firstAddress(network);
    };
    expect(first("203.0.113.9/24")).toBe("203.0.113.0");
    expect(first("2001:db8:ffff::1/36")).toBe("2001:db8:f000::");
    expect(first("255.255.255.255/0")).toBe("0.0.0.0");
  });
});

it.each([
  "",
  "10",
  "10.0.0",
  "10.0.0.5/33",
  "10.0.0.0/8/8",
  "10.0.0.0/",
  "::1/129",
  "fd00::zz",
  "evil.example",
])("%j is neither an address nor a network", (text) => {
  expect(readNetwork(text)).toBeUndefined();
  expect(isPrivateAddress(text)).toBe(false);
});

it("what is longer than any address is not read", () => {
  expect(readNetwork(`fe80::1%${"a".repeat(50)}`)).toBeDefined();
  expect(readNetwork(`fe80::1%${"a".repeat(60)}`)).toBeUndefined();
});

describe("a name spells addresses", () => {
  it.each([
    ["10.0.0.5.nip.io", "10.0.0.5"],
    ["app.10.0.0.5.example", "10.0.0.5"],
    ["app-10-0-0-5-x.example", "10.0.0.5"],
    ["host-192-168-001-005.isp.example", "192.168.1.5"],
    ["app-0a000005.nip.io", "10.0.0.5"],
    ["fd00--5.sslip.io", "fd00::5"],
    ["127.0.0.1.nip.io", "127.0.0.1"],
    ["5.0.0.10.bc.googleusercontent.com", "10.0.0.5"],
  ])("%s: %s", (name, address) => {
    expect(addressesInName(name)).toContain(address);
  });

  it.each([
    "10.0.0.example",
    "0a000005.example",
    "fd00--5.example",
    "v10-0-0-5.example",
    "10-0-0-256.example",
    "245.12.201.35.example",
    "cdn-0-1-2-3.example",
    "a-127-0-0-1.example",
  ])("%s does not", (name) => {
    expect(addressesInName(name)).toEqual([]);
  });
});
