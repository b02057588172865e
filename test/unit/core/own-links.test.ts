import { OwnLinks, ownLinkMarker } from "../../../services/core/own-links.js";

const links = new OwnLinks([
  "https://station.trustar.co",
  "https://api.trustar.co",
  "http://127.0.0.1:8443",
  "https://intel.example/trustar/station",
]);

/** Spellings of an address of ours, as people and machines write them. */
const ours = [
  "https://station.trustar.co/constellation/reports/SVAlN0MxLjIuMy40",
  "https://station.trustar.co",
  "HTTPS://Station.TruSTAR.co/x",
  "http://station.trustar.co:8080/x?y#z",
  "station.trustar.co/constellation",
  "station.trustar.co",
  "https://station.trustar.co./x",
  "https://somebody:secret@station.trustar.co/x",
  "hxxps://station[.]trustar[.]co/x",
  "hxxps[:]//station(dot)trustar(dot)co/x",
  "https[://]station[.]trustar.co/x",
  "https://api.trustar.co/api/1.3/reports",
  "http://127.0.0.1:8443/api/1.3",
  "https://intel.example/trustar/station/x",
  String.raw`https:\/\/station.trustar.co\/constellation\/reports\/1`,
  "https://station%2Etrustar.co/x",
  "https://station。trustar。co/x",
];

/** Addresses that have only something in common with ours. */
const others = [
  "https://station.trustar.co.evil.example/x",
  "https://evil-station.trustar.co/x",
  "https://evil.example/station.trustar.co/x",
  "https://evil.example/?next=https://station.trustar.co/x",
  "https://station.trustar.co@evil.example/x",
  "soc@station.trustar.co",
  "https://www.trustar.co/",
  "http://127.0.0.1/x",
  "http://127.0.0.1:9000/x",
  "https://intel.example/trustar/stations",
  "https://intel.example/other",
  "trustar.co",
  "TruSTAR Station",
  "0123456789abcdef0123456789abcdef",
  "",
];

it.each(ours)("knows %s", (address) => {
  expect(links.has(address)).toBe(true);
  expect(links.has(` <${address}>. `)).toBe(true);
  for (const [before, behind] of [
    ["", ""],
    ["see ", " there"],
    ["a (", ")."],
    ['<a href="', '">'],
    ["Link to TruSTAR: ", ", Tags: x"],
    ["1.2.3.4,", ",5.6.7.8"],
    ["link=", "\n"],
    ["see:", ""],
  ] as const) {
    const cut = links.cut(`${before}${address}${behind}`);
    expect(cut).toContain(ownLinkMarker);
    expect(cut).not.toMatch(/station|trustar\.co|trustar\[|8443|intel/);
    expect(links.areIn(`${before}${address}${behind}`)).toBe(true);
  }
});

it.each(others)("leaves %j alone", (text) => {
  expect(links.has(text)).toBe(false);
  for (const whole of [text, `see ${text} there`, `(${text}), ${text}`]) {
    expect(links.cut(whole)).toBe(whole);
    expect(links.areIn(whole)).toBe(false);
  }
});

it("keeps what stands around a link", () => {
  expect(
    links.cut("1.2.3.4,https://station.trustar.co/x,evil.example\n\tsee https://station.trustar.co/y"),
  ).toBe(`1.2.3.4,${ownLinkMarker},evil.example\n\tsee ${ownLinkMarker}`);
});

it("knows nothing without an address", () => {
  const none = new OwnLinks([]);
  expect(none.has("https://station.trustar.co")).toBe(false);
  expect(none.cut("https://station.trustar.co")).toBe("https://station.trustar.co");
});

it("reads long texts in a time that grows with their length", () => {
  const took = (text: string): number => {
    const start = process.cpuUsage().user;
    links.cut(text);
    return process.cpuUsage().user - start + 1_000;
  };
  for (const piece of [
    "station.trustar.co",
    "station.trustar.co:// ",
    "hxxp://[.]station",
    "https://station.trustar.co/a ",
  ]) {
    took(piece.repeat(2_000));
    expect(took(piece.repeat(40_000)) / took(piece.repeat(10_000))).toBeLessThan(12);
  }
});
