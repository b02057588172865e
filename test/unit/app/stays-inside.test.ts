import { createStaysInside, ownLinksOf } from "../../../src/app/stays-inside.js";

const account = { url: "https://api.example", stationUrl: "https://station.example" };
const ownLinks = ownLinksOf({
  threatSource: { ...account, url: "https://api.source.example" },
  worker: { accounts: [account, { ...account, stationUrl: "https://station.east.example" }] },
});
const staysInside = createStaysInside(["corp.example", "203.0.113.0/24"], ownLinks);

it.each([
  ["10.0.0.1", /private or reserved/],
  ["127.0.0.1", /private or reserved/],
  ["10[.]0[.]0[.]1:8080", /private or reserved/],
  ["::ffff:10.0.0.1", /private or reserved/],
  ["http://0x7f.1/x", /private or reserved/],
  ["seen at 10.0.0.1, twice", /private or reserved/],
  ["\\\\10.0.0.1\\c$\\x.exe", /private or reserved/],
  ["http://evil.example/?h=10.0.0.1", /private or reserved/],
  ["Emotet on srv01.corp.local", /inside only/],
  ["cmd password=hunter2", /password/],
  ["203.0.113.9", /never_lookup/],
  ["hxxps://wiki.corp[.]example/page", /never_lookup/],
  ["jo@mail.corp.example", /never_lookup/],
  ["fs01.local", /inside only/],
  [`http://corp.example/${"a".repeat(5_000)}`, /longer than any indicator/],
  ["https://station.example/constellation/reports/x", /TruSTAR itself/],
  ["hxxps://station[.]east[.]example/x", /TruSTAR itself/],
  ["see https://api.source.example/api/1.3", /TruSTAR itself/],
  ["api.example", /TruSTAR itself/],
])("%s is never asked about", (value, reason) => {
  expect(staysInside(value)).toMatch(reason);
});

it.each(["198.51.100.7", "evil.example", "Emotet", "d41d8cd98f00b204e9800998ecf8427e"])(
  "%s may be",
  (value) => {
    expect(staysInside(value)).toBeUndefined();
  },
);
