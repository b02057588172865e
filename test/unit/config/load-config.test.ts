import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseText, problemsOf } from "./parse-text.js";
import { loadConfig } from "../../../src/config/load-config.js";
import { ConfigError } from "../../../src/core/errors.js";

const source = "[trustar_threat_source]\nuser_api_key = k\nuser_api_secret = s\n";

describe("the file", () => {
  const folder = mkdtempSync(join(tmpdir(), "load-"));
  const explicitPath = join(folder, "app.config");
  const load = (text: string | Uint8Array) => {
    writeFileSync(explicitPath, text);
    const openKeyring = () => ({ read: () => undefined });
    return loadConfig({ explicitPath, env: {}, cwd: folder, home: folder, openKeyring });
  };
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it("is read with its path, with a byte order mark and any line ends", () => {
    const config = load(`\uFEFF${source}`.replaceAll("\n", "\r\n"));
    expect(config.path).toBe(explicitPath);
    expect(config.threatSource?.apiSecret.reveal()).toBe("s");
  });

  it("has to be UTF-8", () => {
    expect(() => load(Buffer.from("[a]\nk = \xe4\n", "latin1"))).toThrow(`${explicitPath} isn't UTF-8 text`);
  });

  it("names itself in each problem", () => {
    expect(() => load("[webserver]\nport = x\nserver = /\n")).toThrow(ConfigError);
    expect(() => load("[webserver]\nport = x\nserver = /\n")).toThrow(
      new RegExp(`^${explicitPath}: \\[webserver\\] server .*\n${explicitPath}: \\[webserver\\] port .*$`),
    );
    expect(() => load("x")).toThrow(`${explicitPath}, line 1: `);
  });

  it("can't be a folder", () => {
    const openKeyring = () => ({ read: () => undefined });
    const options = { explicitPath: folder, env: {}, cwd: folder, home: folder, openKeyring };
    expect(() => loadConfig(options)).toThrow(`${folder} can't be read (EISDIR)`);
  });
});

it("tells of every problem at once", () => {
  const text =
    "[resilient]\n[webserver]\nport = x\n[custom_threat_service]\ncache_ttl = y\n[trustar_threat_source]\nurl = z\n";
  expect(problemsOf(text)).toEqual([
    expect.stringContaining("[webserver] port"),
    expect.stringContaining("[custom_threat_service] cache_ttl"),
    expect.stringContaining("[trustar_threat_source] url"),
    expect.stringContaining("[trustar_threat_source] user_api_key"),
    expect.stringContaining("[trustar_threat_source] user_api_secret"),
  ]);
});

it.each([
  ["", {}, "info"],
  ["loglevel = warning", {}, "warn"],
  ["loglevel = CRITICAL", {}, "fatal"],
  ["loglevel = warning", { LOGLEVEL: "debug" }, "debug"],
  ["loglevel = warning", { LOGLEVEL: "" }, "warn"],
  ["loglevel = error", {}, "error"],
  // Every name of Python's logging, in any case; an empty variable is none.
  ["loglevel = Warn", {}, "warn"],
  ["loglevel = FATAL", {}, "fatal"],
  ["loglevel = NotSet", {}, "debug"],
  ["loglevel = DEBUG", { LOGLEVEL: " " }, "debug"],
  ["", { LOGLEVEL: "warn" }, "warn"],
  ["", { LOGLEVEL: "Fatal" }, "fatal"],
  ["loglevel = ERROR", { LOGLEVEL: "NOTSET" }, "debug"],
])("logs with %j and %j at %s", (line, env, expected) => {
  expect(parseText(`[resilient]\n${line}`, { env }).logLevel).toBe(expected);
});

it.each([
  ["loglevel = LOUD", {}, '[resilient] loglevel is "LOUD"'],
  ["loglevel = 20", {}, '[resilient] loglevel is "20"'],
  ["loglevel = constructor", {}, '[resilient] loglevel is "constructor"'],
  ["loglevel = ERROR", { LOGLEVEL: "quiet" }, 'environment variable LOGLEVEL is "quiet"'],
])("starts at INFO with %j and %j, and names the words", (line, env, beginning) => {
  const { logLevel, warnings } = parseText(`[resilient]\n${line}`, { env });
  expect(logLevel).toBe("info");
  expect(warnings).toEqual([
    `${beginning}, which is no level, so INFO is used; write one of ` +
      "NOTSET, DEBUG, INFO, WARN, WARNING, ERROR, CRITICAL, FATAL",
  ]);
});

it("lets sections and keys of others alone, even unresolvable ones", () => {
  const text =
    "[resilient]\npassword = ^gone\ncafile = /gone.pem\n[trustar]\nproxy_password = ^gone\nqueue = $GONE\n" +
    `${source}[fn_x]\na = \${b\n`;
  expect(parseText(text)).toMatchObject({ warnings: [], worker: undefined });
});

it("inherits from [DEFAULT]", () => {
  expect(parseText(`[DEFAULT]\nport = 1234\ntimeout_secs = 7\n[webserver]\n${source}`)).toMatchObject({
    webserver: { port: 1234 },
    threatSource: { timeoutMs: 7_000 },
    warnings: [],
  });
});

it("warns of sections that are probably misspelt", () => {
  expect(parseText("[Webserver]\n[custom_threat_services]\n[trustar]\n[fn_web]\n").warnings).toEqual([
    "section [Webserver] is ignored; did you mean [webserver]?",
    "section [custom_threat_services] is ignored; did you mean [custom_threat_service]?",
  ]);
});

describe("access from the network", () => {
  const warnings = (server: string, service = "") =>
    parseText(`${source}[webserver]\nserver = ${server}\n[custom_threat_service]\n${service}`).warnings;

  it.each(["localhost", "127.0.0.1", "127.9.9.9", "::1", "[::1]"])("is none on %s", (server) => {
    expect(warnings(server)).toEqual([]);
  });

  it.each(["0.0.0.0", "::", "soar.example.com", "10.0.0.1", "127.0.0.1.example.com"])(
    "without a password on %s is worth a warning",
    (server) => {
      expect(warnings(server)).toEqual([
        expect.stringMatching(/auth_user and auth_password aren't set: everybody who reaches .* may ask$/),
      ]);
    },
  );

  it("with a password but without https is worth another", () => {
    expect(warnings("0.0.0.0", "auth_user = u\nauth_password = p")).toEqual([
      "[webserver] secure is not 1: the password of auth_user crosses the network unencrypted",
    ]);
  });
});

it("the sample config of the legacy guide needs only its secrets", () => {
  const guide = readFileSync(new URL("../../fixtures/legacy-app.config", import.meta.url), "utf8");
  const keyring = {
    _: { password: "p" },
    trustar_threat_source: {
      api_key_for_trustar_threat_source: "k",
      api_secret_for_trustar_threat_source: "s",
    },
    trustar_account_1: { api_key_for_trustar_account_1: "k1", api_secret_for_trustar_account_1: "s1" },
  };
  const config = parseText(guide, { keyring });
  expect(config.threatSource?.enclaveIds).toEqual(["7a33144f-aef3-442b-87d4-dbf70d8afdb0"]);
  expect(config.threatService).toMatchObject({ urlBase: "/cts", cacheTtlMs: 600_000 });
  expect(config.worker?.accounts).toMatchObject([{ policy: { workspaces: ["Default workspace"] } }]);
  expect(config.warnings).toEqual([expect.stringMatching(/^\[resilient\] cafile is false/)]);
  expect(problemsOf(guide)).toHaveLength(5);
});
