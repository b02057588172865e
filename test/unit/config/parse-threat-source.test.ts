import { fc } from "../../support/fast-check.js";
import { parseText, problemsOf } from "./parse-text.js";
import { EgressPolicy } from "../../../services/lookup/egress-policy.js";

const section = "[trustar_threat_source]\n";
const keys = "user_api_key = k\nuser_api_secret = s\n";
const parse = (lines: string) => parseText(section + keys + lines).threatSource;
const problems = (lines: string) => problemsOf(section + keys + lines);
const warnings = (lines: string) => parseText(section + keys + lines).warnings;

it("may be left out of the file", () => {
  expect(parseText("[trustar_account_1]\nuser_api_key = ^nope\n").threatSource).toBeUndefined();
});

it("has defaults for all but the keys", () => {
  expect(parse("url =")).toEqual({
    url: "https://api.trustar.co",
    stationUrl: "https://station.trustar.co",
    apiKey: expect.anything(),
    apiSecret: expect.anything(),
    enclaveIds: [],
    minPriority: "MEDIUM",
    hitDetail: "summaries",
    neverLookup: [],
    plainStrings: false,
    callsPerMinute: 60,
    timeoutMs: 15_000,
  });
});

it("takes the keys from the keyring, without stray blanks", () => {
  const text = `${section}user_api_key = ^api_key_for_trustar_threat_source\nuser_api_secret = $S`;
  const keyring = { trustar_threat_source: { api_key_for_trustar_threat_source: "K\n" } };
  const source = parseText(text, { keyring, env: { S: "S " } }).threatSource;
  expect(source?.apiKey.reveal()).toBe("K");
  expect(source?.apiSecret.reveal()).toBe("S");
});

it.each([
  ["https://api.trustar.co/", "https://api.trustar.co"],
  ["https://api.trustar.co/api/1.3", "https://api.trustar.co"],
  ["https://api.trustar.co/api/1.3//", "https://api.trustar.co"],
  ["HTTPS://API.example:8443/root/", "https://api.example:8443/root"],
  ["http://127.0.0.1:8000", "http://127.0.0.1:8000"],
  ["http://[::1]:8000/", "http://[::1]:8000"],
])("takes url = %s as %s", (written, expected) => {
  expect(parse(`url = ${written}`)?.url).toBe(expected);
  expect(warnings(`url = ${written}`)).toEqual([]);
});

it("warns of an unencrypted way to another machine", () => {
  expect(warnings("url = http://api.example")).toEqual([expect.stringMatching(/\] url is http, not https/)]);
});

it("takes enclave ids from either key, the first wins", () => {
  expect(parse("enclave_ids_for_search = a-1 , b_2,\n  c\n  , a-1")?.enclaveIds).toEqual(["a-1", "b_2", "c"]);
  expect(parse("enclave_ids_for_submission = d")?.enclaveIds).toEqual(["d"]);
  expect(parse("enclave_ids_for_search = a\nenclave_ids_for_submission = d")?.enclaveIds).toEqual(["a"]);
  expect(parse("enclave_ids_for_search =\nenclave_ids_for_submission = d")?.enclaveIds).toEqual(["d"]);
});

it("takes words in any case", () => {
  expect(parse("min_priority = low\nhit_detail = Reports")).toMatchObject({
    minPriority: "LOW",
    hitDetail: "reports",
  });
});

it("warns of unknown keys and of types that are probably misspelt", () => {
  expect(warnings("timeout_sec = 5")).toEqual([
    expect.stringContaining(
      "timeout_sec isn't a key of this section and is ignored; did you mean timeout_secs?",
    ),
  ]);
  expect(warnings("never_lookup = system.user.passwort")).toEqual([
    '[trustar_threat_source] never_lookup has "system.user.passwort", taken as a domain; did you mean the artifact type system.user.password?',
  ]);
  expect(warnings("never_lookup = example.com, NET.IP, 10.0.0.0/8")).toEqual([]);
});

it.each([
  ["url = trustar url", /url still has the template's text "trustar url"; put your own value there/],
  ["enclave_ids_for_search = list of enclave ids", /enclave_ids_for_search still has the template's text/],
  [
    "enclave_ids_for_submission = a b, c",
    /enclave_ids_for_submission must be enclave ids separated by commas/,
  ],
  [
    "url = api.trustar.co",
    /url must be an address such as https:\/\/api\.trustar\.co, not "api\.trustar\.co"$/,
  ],
  ["url = https:/x", /url must be an address/],
  ["url = ftp://x", /url must be an address/],
  ["url = https://x?y=1", /url must end with the host or a path/],
  ["station_url = https://x/#y", /station_url must end with the host or a path/],
  ["url = https://hunter2:hunter2@x", /url must not contain a user name or password/],
  ["url = hunter2:hunter2@x", /url must not contain a user name or password/],
  ["min_priority = URGENT", /min_priority must be one of LOW, MEDIUM, HIGH, not "URGENT"/],
  ["min_priority = NOT_FOUND", /min_priority must be one of/],
  ["hit_detail = all", /hit_detail must be one of priority, summaries, reports, not "all"/],
  ["timeout_secs = 0", /timeout_secs must be a whole number of seconds from 1 to 300/],
  [
    "never_lookup = https://x.example/, a.example",
    /never_lookup must list domains .* none of these: "https:\/\/x\.example\/"$/,
  ],
  [`never_lookup = ${"\u4e2d.".repeat(130)}example`, /none of these: /],
  [
    "never_lookup = 10.0.0.0/33, 10.0.0, x@y.example, *",
    /none of these: "10\.0\.0\.0\/33, 10\.0\.0, x@y\.example, \*"$/,
  ],
])("refuses %s", (lines, expected) => {
  expect(problems(lines)).toEqual([expect.stringMatching(expected)]);
  expect(problems(lines).join()).not.toContain("hunter2");
});

it("explains the secrets that the legacy template leaves open", () => {
  const text =
    `${section}user_api_key = ^api_key_for_trustar_threat_source\n` +
    "user_api_secret = ^api_secret_for_[stanza_name (for e.g. trustar_account_n)]\n";
  expect(problemsOf(text)).toEqual([
    expect.stringMatching(
      /^\[trustar_threat_source\] user_api_key can't be resolved: the operating system's keyring, the only place that is asked for it, has no entry "api_key_for_trustar_threat_source" for service "trustar_threat_source"; store it with trustar-resilient keyring/,
    ),
    expect.stringMatching(/^\[trustar_threat_source\] user_api_secret .*"api_secret_for_\[stanza_name/),
  ]);
});

it("says where missing keys come from", () => {
  expect(problemsOf(section)).toEqual([
    "[trustar_threat_source] user_api_key is missing; it is the API key that TruSTAR Station shows under Settings, API",
    "[trustar_threat_source] user_api_secret is missing; it is the API secret that TruSTAR Station shows under Settings, API",
  ]);
});

describe("every entry of never_lookup that is accepted", () => {
  it("is kept inside, if it is an address, a block or a domain", () => {
    const entry = fc.oneof(
      fc.ipV4().map((address) => ({ entry: address, kind: "IP" as const, value: address })),
      fc.ipV6().map((address) => ({ entry: address, kind: "IP" as const, value: address })),
      fc
        .tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 }))
        .map(([address, bits]) => ({ entry: `${address}/${bits}`, kind: "IP" as const, value: address })),
      fc.tuple(fc.domain(), fc.constantFrom("", ".", "*.")).map(([name, dot]) => ({
        entry: dot + name,
        kind: "DOMAIN" as const,
        value: `a.${name}`.toLowerCase(),
      })),
    );
    fc.assert(
      fc.property(entry, ({ entry, kind, value }) => {
        if (problems(`never_lookup = ${entry}`).length > 0) return;
        const policy = new EgressPolicy(parse(`never_lookup = ${entry}`)?.neverLookup ?? []);
        expect(policy.keeps({ kind, value })).toBeDefined();
      }),
    );
  });

  it("is kept inside, if it is an artifact type", () => {
    const policy = new EgressPolicy(parse("never_lookup = Net.IP")?.neverLookup ?? []);
    expect(policy.keepsType("net.ip")).toBe("never_lookup");
  });
});
