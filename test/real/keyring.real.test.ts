/**
 * Against a real Secret Service with Python's own `keyring`, the library behind res-keyring. Not part of `npm test`: it
 * stores and locks, so it runs in a session bus of its own, as .ci/run starts it:
 *
 *   HOME=$(mktemp -d) dbus-run-session -- sh -c 'printf x | gnome-keyring-daemon --unlock --components=secrets >/dev/null
 *     npm run test:keyring'
 *
 * Needs (Debian): dbus, gnome-keyring, libsecret-tools, python3-keyring, python3-secretstorage.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createOsKeyring } from "../../services/keyring/os-keyring.js";
import { loadConfig } from "../../src/config/load-config.js";
import { Secret } from "../../src/core/secret.js";

/** The system's Python: the one that Debian's python3-keyring belongs to. */
function python(program: string, ...args: readonly string[]): string {
  return execFileSync("/usr/bin/python3", ["-c", program, ...args], { encoding: "utf8" });
}

function storeWithPython(service: string, username: string, secret: string): void {
  const program =
    "import keyring, sys; from keyring.backends import SecretService as s; s.Keyring().set_password(*sys.argv[1:])";
  python(program, service, username, secret);
}

function readWithPython(service: string, username: string): string {
  const program =
    "import keyring, sys; from keyring.backends import SecretService as s; print(s.Keyring().get_password(*sys.argv[1:]), end='')";
  return python(program, service, username);
}

describe("secrets that we store", () => {
  const keyring = createOsKeyring();

  it("are found by Python's keyring, new and changed", () => {
    keyring.write("trustar", "proxy_password_for_trustar", new Secret("kéy 1$"));
    expect(readWithPython("trustar", "proxy_password_for_trustar")).toBe("kéy 1$");
    keyring.write("trustar", "proxy_password_for_trustar", new Secret("other"));
    expect(readWithPython("trustar", "proxy_password_for_trustar")).toBe("other");
  });

  it("change what Python's keyring stored, and are no second item beside it", () => {
    storeWithPython("changed", "u", "before");
    keyring.write("changed", "u", new Secret("after"));
    expect(readWithPython("changed", "u")).toBe("after");
    storeWithPython("changed", "u", "again");
    expect(keyring.read("changed", "u")).toBe("again");
  });

  it("come from the built program, under the platform's names, and are told as set", () => {
    const folder = mkdtempSync(join(tmpdir(), "keyring-"));
    try {
      const config = join(folder, "app.config");
      writeFileSync(config, "[resilient]\npassword = ^from_the_program\napi_key_secret = ^never_stored\n");
      const program = fileURLToPath(new URL("../../dist/src/main.js", import.meta.url));
      const run = (args: readonly string[], input = "") =>
        execFileSync(process.execPath, [program, "keyring", "--config", config, ...args], {
          input,
          encoding: "utf8",
        });
      expect(run(["--set", "resilient/password"], "pä$$\n")).toMatch(
        /Stored resilient\/password \(\^from_the_program\)\.\n$/,
      );
      expect(readWithPython("_", "from_the_program")).toBe("pä$$");
      const status = run(["--status"]);
      expect(status).toMatch(/^ {2}set {6}resilient\/password/m);
      expect(status).toMatch(/^ {2}not set {2}resilient\/api_key_secret/m);
      expect(status).not.toContain("pä");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("secrets that Python's keyring stored", () => {
  const keyring = createOsKeyring();

  it("are found by service and user name", () => {
    storeWithPython("trustar_threat_source", "api_key_for_trustar_threat_source", "kéy 1$");
    storeWithPython("trustar_threat_source", "api_secret_for_trustar_threat_source", "other");
    expect(keyring.read("trustar_threat_source", "api_key_for_trustar_threat_source")).toBe("kéy 1$");
    expect(keyring.read("trustar_threat_source", "api_secret_for_trustar_threat_source")).toBe("other");
  });

  it("are found again after a change", () => {
    storeWithPython("_", "password", "before");
    expect(keyring.read("_", "password")).toBe("before");
    storeWithPython("_", "password", "after");
    expect(keyring.read("_", "password")).toBe("after");
  });

  it("are not made up", () => {
    expect(keyring.read("trustar_threat_source", "nope")).toBeUndefined();
    expect(keyring.read("nope", "password")).toBeUndefined();
  });

  it("may stand beside another program's item, unless the secrets differ", () => {
    execFileSync("secret-tool", ["store", "--label=x", "service", "twice", "username", "u"], {
      input: "same",
    });
    storeWithPython("twice", "u", "same");
    expect(keyring.read("twice", "u")).toBe("same");
    storeWithPython("twice", "u", "different");
    expect(() => keyring.read("twice", "u")).toThrow("several different secrets");
  });

  it("reach the configuration", () => {
    const folder = mkdtempSync(join(tmpdir(), "keyring-"));
    try {
      const path = join(folder, "app.config");
      writeFileSync(
        path,
        "[trustar_threat_source]\nuser_api_key = ^api_key_for_trustar_threat_source\n" +
          "user_api_secret = ^{api_secret_for_trustar_threat_source}\n",
      );
      const config = loadConfig({
        explicitPath: path,
        env: {},
        cwd: folder,
        home: folder,
        openKeyring: () => keyring,
      });
      expect(config.threatSource?.apiKey.reveal()).toBe("kéy 1$");
      expect(config.threatSource?.apiSecret.reveal()).toBe("other");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("in a locked keyring are reported as locked, not as missing", () => {
    python("import secretstorage as s; s.get_default_collection(s.dbus_init()).lock()");
    expect(() => keyring.read("_", "password")).toThrow("it is locked");
    expect(() => {
      keyring.write("_", "password", new Secret("hunter2"));
    }).toThrow("it is locked");
  });
});
