import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { createSecureContext } from "node:tls";
import { join } from "node:path";
import { parseText, problemsOf } from "./parse-text.js";
import { makeCertificates } from "../../support/certificates.js";

const folder = mkdtempSync(join(tmpdir(), "resilient-"));
const account =
  "[trustar_a]\nuser_api_key = k\nuser_api_secret = s\nenclave_ids_for_submission = e\nworkspace = W\n";
const login = "api_key_id = i\napi_key_secret = t\n";
const place = "host = soar.example.com\norg = SOC\n";
const context = { cwd: folder, home: folder, env: { SECRET: "hunter2" }, keyring: { _: { secret: "kept" } } };

const textOf = (lines: string) => `${account}[resilient]\n${lines}`;
const parse = (lines: string) => parseText(textOf(lines), context).worker!.resilient;
const problems = (lines: string) => problemsOf(textOf(lines), context);
const warnings = (lines: string) => parseText(textOf(lines), context).warnings;

let ca = "";

beforeAll(async () => {
  const one = await makeCertificates();
  const other = await makeCertificates();
  ca = one.ca;
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
  };
  file("ca.pem", ca);
  file("joined.pem", `${ca.trim()}${other.ca.trim()}`);
  file("key.pem", one.key);
  file("cert.pem", one.cert);
  file("other.key", other.key);
  file("broken.pem", ca.replace(/\n.{12}/, "\n!"));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

it("has resilient-circuits' defaults", () => {
  expect(parse(place + login)).toEqual({
    host: "soar.example.com",
    port: 443,
    resourcePrefix: "",
    org: "SOC",
    credentials: { kind: "api-key", id: "i", secret: expect.anything() },
    ca: undefined,
    clientCert: undefined,
    stomp: {
      host: "soar.example.com",
      port: 65_001,
      ca: undefined,
      connectTimeoutMs: 60_000,
      prefetch: 2_000,
      heartbeatMs: 15_000,
    },
    numWorkers: 25,
  });
});

it("reads what is set", () => {
  const lines =
    "port = 8443\nresource_prefix = api/respond/\nstomp_host = [::1]\nstomp_port = 443\nstomp_timeout = 5\n" +
    "stomp_prefetch_limit = 7\nstomp_heartbeat_secs = 3\nnum_workers = 2\n";
  expect(parse(place + login + lines)).toMatchObject({
    port: 8443,
    resourcePrefix: "/api/respond",
    stomp: { host: "::1", port: 443, connectTimeoutMs: 5_000, prefetch: 7, heartbeatMs: 3_000 },
    numWorkers: 2,
  });
});

describe("credentials", () => {
  it("of an API key go before those of an account, which is then not even looked at", () => {
    const { credentials } = parse(
      `${place}api_key_id = i\napi_key_secret = ^secret\nemail = e\npassword = ^gone`,
    );
    expect(credentials).toMatchObject({ kind: "api-key", id: "i" });
    expect(credentials.kind === "api-key" && credentials.secret.reveal()).toBe("kept");
  });

  it("of an account are taken where the API key is incomplete", () => {
    const lines = `${place}api_key_id = i\napi_key_secret =\nemail = e@example.com\npassword = $SECRET`;
    const { credentials } = parse(lines);
    expect(credentials).toMatchObject({ kind: "account", email: "e@example.com" });
    expect(credentials.kind === "account" && credentials.password.reveal()).toBe("hunter2");
  });

  it.each([
    ["", ["api_key_id", "api_key_secret"]],
    ["api_key_id = i", ["api_key_secret"]],
    ["api_key_secret = t", ["api_key_id"]],
    ["email = e", ["password"]],
    ["password = p", ["email"]],
    ["api_key_id = i\nemail = e", ["api_key_secret"]],
  ])("that are incomplete (%j) are a problem", (lines, missing) => {
    expect(problems(`${place}${lines}`)).toEqual(
      missing.map((key): unknown =>
        expect.stringMatching(new RegExp(`^\\[resilient\\] ${key} is missing; `)),
      ),
    );
  });

  it("that can't be had are one problem", () => {
    expect(problems(`${place}email = e\npassword = ^gone`)).toEqual([
      expect.stringMatching(/^\[resilient\] password can't be resolved: .* for service "_"/),
    ]);
  });
});

describe("trust", () => {
  it.each([
    ["indented lines", (pem: string) => pem.trim().replaceAll("\n", "\n  ")],
    ["one line with \\n", (pem: string) => pem.trim().replaceAll("\n", "\\n")],
    ["one line with blanks", (pem: string) => pem.trim().replaceAll("\n", " ")],
    ["two certificates", (pem: string) => (pem + pem).trim().replaceAll("\n", "\n  ")],
  ])("is in PEM text as well: %s", (what, write) => {
    const expected = (what.startsWith("two") ? ca + ca : ca).replace(/\s/g, "");
    const { ca: found } = parse(`${place}${login}cafile = ${write(ca)}`);
    expect(String(found).replace(/\s/g, "")).toBe(expected);
    expect(() => createSecureContext({ ca: String(found) })).not.toThrow();
    const fromEnv = parseText(textOf(`${place}${login}cafile = $CA_PEM`), {
      ...context,
      env: { CA_PEM: ca },
    });
    expect(fromEnv.worker?.resilient.ca).toContain("BEGIN CERTIFICATE");
  });

  it("is in the authorities of a file, for REST and broker alike", () => {
    expect(parse(`${place}${login}cafile = ca.pem`)).toMatchObject({ ca, stomp: { ca } });
    expect(parse(`${place}${login}cafile = ~/ca.pem\nstomp_cafile = False`)).toMatchObject({
      ca,
      stomp: { ca: false },
    });
    expect(parse(`${place}${login}stomp_cafile = ca.pem`)).toMatchObject({ ca: undefined, stomp: { ca } });
  });

  it("is in all certificates of a file whose line ends got lost between them", () => {
    const { ca: joined } = parse(`${place}${login}cafile = joined.pem`);
    expect(String(joined).match(/^-----BEGIN CERTIFICATE-----$/gm)).toHaveLength(2);
  });

  it("is switched off with a warning", () => {
    expect(parse(`${place}${login}cafile = FALSE`)).toMatchObject({ ca: false, stomp: { ca: false } });
    expect(warnings(`${place}${login}cafile = false`)).toEqual([
      expect.stringMatching(
        /^\[resilient\] cafile is false: the certificate of Resilient and of its message broker isn't checked/,
      ),
    ]);
  });

  it("in us needs certificate and key", () => {
    const pair = "client_auth_cert = cert.pem\nclient_auth_key = key.pem";
    const { clientCert } = parse(`${place}${login}${pair}`);
    expect(clientCert?.cert).toContain("BEGIN CERTIFICATE");
    expect(clientCert?.key.reveal()).toContain("PRIVATE KEY");
  });
});

it.each([
  ["port = 0", /port must be a whole number from 1 to 65535/],
  ["resource_prefix = /a b", /resource_prefix must be a path such as \/api\/respond/],
  ["num_workers = 2001", /num_workers must be a whole number from 1 to 2000/],
  ["stomp_prefetch_limit = 0", /stomp_prefetch_limit must be a whole number/],
  ["stomp_host = tcp://x", /stomp_host must be a host name/],
  ["cafile = absent.pem", /cafile names \S*absent\.pem, which can't be read \(ENOENT\)/],
  ["cafile = key.pem", /cafile names \S*key\.pem, which contains no certificate in PEM encoding/],
  ["cafile = broken.pem", /cafile has certificates that can't be used/],
  ["cafile = -----BEGIN CERTIFICATE----- MII", /cafile is PEM text, but holds no whole certificate/],
  [
    "cafile = -----BEGIN CERTIFICATE-----x!-----END CERTIFICATE-----",
    /cafile has certificates that can't be used/,
  ],
  ["client_auth_cert = cert.pem", /client_auth_key is missing/],
  ["client_auth_key = key.pem", /client_auth_cert is missing/],
  [
    "client_auth_cert = cert.pem\nclient_auth_key = other.key",
    /client_auth_key doesn't fit to client_auth_cert/,
  ],
])("refuses %s", (lines, expected) => {
  expect(problems(place + login + lines)).toEqual([expect.stringMatching(expected)]);
});

it.each(["https://soar.example.com", "soar.example.com/rest", "<host>"])("refuses host = %s", (host) => {
  expect(problems(`host = ${host}\norg = SOC\n${login}`)).toEqual([
    expect.stringMatching(
      /^\[resilient\] host must be a host name such as soar\.example\.com, or an IP address, without https/,
    ),
  ]);
});

describe("the environment, as IBM's tools read it", () => {
  const withEnv = (lines: string, env: Record<string, string>) =>
    parseText(textOf(place + login + lines), { ...context, env });

  it.each([
    ["", { RESOURCE_PREFIX: "/api/respond" }, "/api/respond"],
    ["resource_prefix = /file", { RESOURCE_PREFIX: "api/respond/" }, "/api/respond"],
    ["resource_prefix = /file", { RESOURCE_PREFIX: "" }, "/file"],
  ])("RESOURCE_PREFIX goes before the file (%j, %j)", (lines, env, expected) => {
    expect(withEnv(lines, env).worker?.resilient.resourcePrefix).toBe(expected);
  });

  it("RESILIENT_STOMP_TIMEOUT, too", () => {
    const { worker } = withEnv("stomp_timeout = 5", { RESILIENT_STOMP_TIMEOUT: "7" });
    expect(worker?.resilient.stomp.connectTimeoutMs).toBe(7_000);
  });

  it.each([{ REQUESTS_CA_BUNDLE: "ca.pem", CURL_CA_BUNDLE: "gone.pem" }, { CURL_CA_BUNDLE: "~/ca.pem" }])(
    "%j is trusted for Resilient, its broker and TruSTAR, where no cafile is named",
    (env) => {
      const { worker } = withEnv("", env);
      expect(worker).toMatchObject({ resilient: { ca, stomp: { ca } }, accounts: [{ ca }] });
      const named = withEnv("cafile = joined.pem\nstomp_cafile = false", env).worker;
      expect(named?.resilient.ca).not.toBe(ca);
      expect(named).toMatchObject({ resilient: { stomp: { ca: false } }, accounts: [{ ca }] });
      const unchecked = withEnv("cafile = false\n[trustar]\ncafile = joined.pem", env).worker;
      expect(unchecked).toMatchObject({ resilient: { ca: false } });
      expect(unchecked?.accounts[0]?.ca).not.toBe(ca);
    },
  );

  it.each([
    [
      { REQUESTS_CA_BUNDLE: "gone.pem" },
      /^environment variable REQUESTS_CA_BUNDLE names \S*gone\.pem, which can't/,
    ],
    // Never a way to switch the check off.
    [{ REQUESTS_CA_BUNDLE: "false" }, /^environment variable REQUESTS_CA_BUNDLE names \S*false, which can't/],
    [
      { CURL_CA_BUNDLE: "." },
      /^environment variable CURL_CA_BUNDLE names .* \(EISDIR\); it must be one PEM file$/,
    ],
    [{ RESOURCE_PREFIX: "a b" }, /^environment variable RESOURCE_PREFIX must be a path .*, not "a b"$/],
    [
      { RESILIENT_STOMP_TIMEOUT: "x" },
      /^environment variable RESILIENT_STOMP_TIMEOUT must be a whole number/,
    ],
  ])("%j is told as the variable's fault, not the file's", (env, expected) => {
    const found = problemsOf(textOf(place + login), { ...context, env });
    expect(found.length).toBeGreaterThan(0);
    for (const one of found) expect(one).toMatch(expected);
    expect(() => withEnv("", env)).toThrow(/^environment variable/);
  });

  it("is not expanded: what stands in a variable is the value", () => {
    expect(problemsOf(textOf(place + login), { ...context, env: { RESOURCE_PREFIX: "^gone" } })).toEqual([
      expect.stringMatching(/must be a path .*, not "\^gone"$/),
    ]);
  });
});
