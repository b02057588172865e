import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseText, problemsOf } from "./parse-text.js";
import { makeCertificates } from "../../support/certificates.js";

const folder = mkdtempSync(join(tmpdir(), "webserver-"));
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
};

beforeAll(async () => {
  const [one, other] = [await makeCertificates(), await makeCertificates()];
  file("good.pem", one.key + one.cert);
  file("key.pem", one.key);
  file("cert.pem", one.cert);
  file("mixed.pem", one.key + other.cert);
  file("broken.pem", one.key.replace(/\n.{12}/, "\n") + one.cert);
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

const parse = (lines: string) => parseText(`[webserver]\n${lines}`, { cwd: folder }).webserver;
const problems = (lines: string) => problemsOf(`[webserver]\n${lines}`, { cwd: folder });

it("has rc-webserver's defaults, with the section or without", () => {
  const limits = { maxConnections: 1_000, headersTimeoutMs: 20_000, requestTimeoutMs: 300_000 };
  const defaults = { host: "localhost", port: 9000, ...limits };
  expect(parse("")).toEqual(defaults);
  expect(parseText("").webserver).toEqual(defaults);
  expect(parse("server =\nport =")).toEqual(defaults);
});

it("has limits on connections and on slow ones", () => {
  const lines = "max_connections = 5\nheaders_timeout_secs = 2\nrequest_timeout_secs = 60";
  expect(parse(lines)).toMatchObject({
    maxConnections: 5,
    headersTimeoutMs: 2_000,
    requestTimeoutMs: 60_000,
  });
  expect(problems("max_connections = 0\nheaders_timeout_secs = 0\nrequest_timeout_secs = 1d")).toEqual([
    expect.stringContaining("[webserver] max_connections must be a whole number from 1 to 100000"),
    expect.stringContaining("[webserver] headers_timeout_secs must be a whole number of seconds"),
    expect.stringContaining("[webserver] request_timeout_secs must be a whole number of seconds"),
  ]);
});

it.each([
  ["0.0.0.0", "0.0.0.0"],
  ["soar.example.com", "soar.example.com"],
  ["::1", "::1"],
  ["[::]", "::"],
])("listens on %s", (written, host) => {
  expect(parse(`server = ${written}`).host).toBe(host);
});

const template = "1|0 (1 for https, 0 for http. Default is 0)";
const warningsOf = (lines: string) => parseText(`[webserver]\n${lines}`, { cwd: folder }).warnings;

it.each(["1", "yes", "Yes", "y", "Y", "true", "True", "t", "T"])("takes secure = %s as https", (word) => {
  expect(parse(`secure = ${word}\ncertfile = good.pem`).tls).toEqual({ certFile: join(folder, "good.pem") });
  expect(warningsOf(`secure = ${word}\ncertfile = good.pem`)).toEqual([]);
});

it.each(["0", "no", "N", "off", "False", "f", ""])("takes secure = %s as http", (word) => {
  expect(parse(`secure = ${word}`).tls).toBeUndefined();
  expect(warningsOf(`secure = ${word}`)).toEqual([]);
});

it.each(["1st", "TLS", "Yes, please", "10", template])("takes secure = %s as https, with a word", (word) => {
  expect(parse(`secure = ${word}\ncertfile = good.pem`).tls).toEqual({ certFile: join(folder, "good.pem") });
  expect(warningsOf(`secure = ${word}\ncertfile = good.pem`)).toEqual([
    `[webserver] secure is ${JSON.stringify(word)}, which means https, as in rc-webserver: ` +
      "only its first letter counts, and 1, y and t are yes; write 1",
  ]);
});

it.each(["on", "https", "enable", "-1", "(1)"])("takes secure = %s as http, and says so", (word) => {
  expect(parse(`secure = ${word}`).tls).toBeUndefined();
  expect(warningsOf(`secure = ${word}`)).toEqual([
    `[webserver] secure is ${JSON.stringify(word)}, which means http, unencrypted, as in rc-webserver: ` +
      "only its first letter counts, and 1, y and t are yes; write 0, or 1 for https",
  ]);
});

it("takes the certificate from either key, relative to the working folder", () => {
  const tls = { certFile: join(folder, "good.pem") };
  expect(parse("secure = 1\ncafile = good.pem").tls).toEqual(tls);
  expect(parse("secure = 1\ncafile = good.pem\ncertfile = good.pem").tls).toEqual(tls);
  expect(parse(`secure = 1\ncertfile = ${join(folder, "good.pem")}`).tls).toEqual(tls);
});

it("warns of a certificate that isn't used", () => {
  expect(parseText("[webserver]\ncertfile = x.pem").warnings).toEqual([
    "[webserver] certfile isn't used, because secure is not 1: requests come in unencrypted",
  ]);
});

it.each([
  ["port = 65536", /^\[webserver\] port must be a whole number from 0 to 65535, not "65536"$/],
  ["port = -1", /^\[webserver\] port must be a whole number/],
  ["port = 9000.5", /^\[webserver\] port must be a whole number/],
  ["port = Port on which this will run (Default is 9000)", /^\[webserver\] port must be a whole number/],
  ["server = http://x", /^\[webserver\] server must be a host name or address .* not "http:\/\/x"$/],
  [
    "server = Host IP of server where resilient circuits is running (Default is local host)",
    /template's text/,
  ],
  [
    "secure = 1|0 (1 for https, 0 for http. Default is 0)",
    /^\[webserver\] certfile is missing; with secure = 1 it names a PEM file/,
  ],
  ["secure = 1", /^\[webserver\] certfile is missing; with secure = 1 it names a PEM file/],
  [
    "secure = 1\ncafile = certificate file. (Needed only when secure = 1)",
    /^\[webserver\] cafile still has the template's text/,
  ],
  [
    "secure = 1\ncertfile = good.pem\ncafile = key.pem",
    /^\[webserver\] cafile names another file than certfile/,
  ],
  [
    "secure = 1\ncertfile = absent.pem",
    /^\[webserver\] certfile names \S*absent\.pem, which can't be read \(ENOENT\)/,
  ],
  ["secure = 1\ncertfile = .", /which can't be read \(EISDIR\)/],
  [
    "secure = 1\ncertfile = ~/x.pem",
    /^\[webserver\] certfile names \/home\/soc\/x\.pem, which can't be read/,
  ],
  ["secure = 1\ncafile = key.pem", /^\[webserver\] cafile names \S*key\.pem, which contains no certificate;/],
  ["secure = 1\ncertfile = cert.pem", /contains no private key;/],
  ["secure = 1\ncertfile = mixed.pem", /whose private key and certificate can't be used together/],
  ["secure = 1\ncertfile = broken.pem", /whose private key and certificate can't be used together/],
])("refuses %s", (lines, expected) => {
  expect(problems(lines)).toContainEqual(expect.stringMatching(expected));
  expect(problems(lines)).toHaveLength(1);
});
