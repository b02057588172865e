import { problemsOf } from "./parse-text.js";
import { isHost } from "../../../src/config/host-name.js";

const account =
  "[trustar_a]\nuser_api_key = k\nuser_api_secret = s\nenclave_ids_for_submission = e\nworkspace = W\n";
const platform = (lines: string) =>
  `[resilient]\n${lines}\norg = SOC\napi_key_id = i\napi_key_secret = t\n${account}`;
const host = "host = soar.example.com\n";

const good = [
  "soar.example.com",
  "SOAR",
  "soar.example.com.",
  "my_host-1.corp",
  "192.0.2.7",
  "2001:db8::1",
  "::ffff:192.0.2.7",
  "xn--bcher-kva.example",
  `${"a".repeat(63)}.example`,
];

const bad = [
  "10.0.0.300",
  "10.1",
  "0x7f000001",
  "1.2.3.4.5",
  "999999999999",
  "fe80::1%eth0",
  "2001:db8::1::2",
  "[::1",
  "::1]",
  "soar..example.com",
  ".example.com",
  "-soar.example.com",
  "soar-.example.com",
  "soar example.com",
  "soar\texample.com",
  "soar.example.com/rest",
  "soar.example.com?x",
  "soar.example.com#x",
  "soar\\example.com",
  "<host>",
  "*",
  "%41.example",
  `${"a".repeat(64)}.example`,
  `${"abc.".repeat(70)}example`,
];

test.each(good)("%s is a host", (text) => {
  expect(isHost(text)).toBe(true);
});

test.each([...bad, "", "soar.example.com:443", "[::1]", "http://soar.example.com"])("%j is none", (text) => {
  expect(isHost(text)).toBe(false);
});

// A key, and what the file looks like with it.
const places: Readonly<Record<string, (text: string) => string>> = {
  host: (text) => platform(`host = ${text}`),
  stomp_host: (text) => platform(`${host}stomp_host = ${text}`),
  proxy_host: (text) => platform(`${host}proxy_host = ${text}`),
  server: (text) => `[webserver]\nserver = ${text}\n`,
  proxy_url: (text) => `[trustar]\nproxy = true\nproxy_url = ${text}:3128\n${platform(host)}`,
  url: (text) => `[trustar_threat_source]\nuser_api_key = k\nuser_api_secret = s\nurl = https://${text}/\n`,
  station_url: (text) =>
    `[trustar_threat_source]\nuser_api_key = k\nuser_api_secret = s\nstation_url = https://${text}\n`,
};
// What a URL makes something else of, it may mean.
const inUrl = /^(?:10\.1|0x7f000001|999999999999|soar\\|soar\.example\.com|%41|soar\texample)/;

describe.each(Object.keys(places))("%s", (key) => {
  test.each(bad)("= %j is one problem, which names section and key", (text) => {
    if (/url/.test(key) && inUrl.test(text)) return;
    // A link-local address is one that can be listened on.
    if (key === "server" && text.includes("%eth0")) return;
    const problems = problemsOf(places[key]!(text));
    expect(problems).toEqual([expect.stringMatching(new RegExp(`^\\[\\w+\\] ${key} must (?:be|end)`))]);
  });

  test.each(good)("= %s is taken", (text) => {
    const isAddress = text.includes(":");
    expect(problemsOf(places[key]!(isAddress && key !== "host" ? `[${text}]` : text))).toEqual([]);
  });
});

test.each([
  ["host = soar.example.com:443", "port"],
  ["host = 192.0.2.7:8443", "port"],
  ["host = [::1]:443", "port"],
  [`${host}stomp_host = soar.example.com:65001`, "stomp_port"],
])("%j is told where its port belongs", (lines, key) => {
  expect(problemsOf(platform(lines))).toEqual([
    expect.stringMatching(new RegExp(`; its port belongs into ${key}$`)),
  ]);
});
