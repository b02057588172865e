import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { problemsOf } from "./parse-text.js";
import { loadConfig } from "../../../src/config/load-config.js";
import { howToBringOver, pythonKeyringFiles } from "../../../src/config/python-keyrings.js";
import type { Keyring } from "../../../src/core/ports.js";

const home = mkdtempSync(join(tmpdir(), "keyrings-"));
const write = (...names: string[]): string => {
  const path = join(home, ...names);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, "");
  return path;
};

afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

const source =
  "[resilient]\nhost = h\norg = o\nemail = e\npassword = ^password\n[trustar_threat_source]\nuser_api_key = ^key\nuser_api_secret = ^{se cret}\n" +
  "[trustar_a]\nworkspace = W\nenclave_ids_for_submission = e\nuser_api_key = k\nuser_api_secret = s\n";

function problems(keyring: Keyring, env: Record<string, string> = {}): string {
  const explicitPath = write("app.config");
  writeFileSync(explicitPath, source);
  try {
    loadConfig({ explicitPath, env, cwd: home, home, openKeyring: () => keyring });
  } catch (error) {
    return (error as Error).message;
  }
  return "";
}

const empty: Keyring = { read: () => undefined };

it.each(["keyring_pass.cfg", "crypted_pass.cfg", "cryptfile_pass.cfg"])(
  "a secret that is not found names %s, where Python keeps it, and the command that brings it over",
  (name) => {
    const path = write(".local", "share", "python_keyring", name);
    const told = problems(empty).split("\n");
    expect(told).toHaveLength(3);
    for (const one of told) {
      expect(one).toContain(
        "the operating system's keyring, the only place that is asked for it, has no entry",
      );
      expect(one).toContain(`Python's keyring has secrets in ${path}, which this program does not read`);
    }
    const all = told.join("\n");
    expect(all).toContain("keyring get _ password | trustar-resilient keyring --set resilient/password");
    expect(all).toContain(
      "keyring get trustar_threat_source key | trustar-resilient keyring --set trustar_threat_source/user_api_key",
    );
    // What can't be a name may be a password.
    expect(all).toContain(
      "keyring get … | trustar-resilient keyring --set trustar_threat_source/user_api_secret",
    );
    expect(all).not.toContain("se cret");
  },
);

it("where there is no such file none is named", () => {
  expect(problems(empty)).not.toContain("Python");
  expect(problemsOf(source)).toHaveLength(3);
});

it("where the keyring can't be used the encrypted file comes first", () => {
  write(".local", "share", "python_keyring", "cryptfile_pass.cfg");
  const keyring: Keyring = {
    read: () => {
      throw new Error("there is no session bus");
    },
  };
  expect(problems(keyring)).toMatch(
    /the only place that is asked for entry "key", can't be used: there is no session bus; .*\. Python's keyring .*; set \[secret_store\] file, then bring over/,
  );
});

it("with a secret file that file is the place that was asked", () => {
  const path = write(".local", "share", "python_keyring", "keyring_pass.cfg");
  const told = problems({ ...empty, place: "the secret file /s" });
  expect(told).toContain('the secret file /s, the only place that is asked for it, has no entry "key"');
  expect(told).not.toContain("res-keyring");
  expect(told).toContain(path);
});

it("looks where Python does", () => {
  const files = [
    write("xdg", "python_keyring", "crypted_pass.cfg"),
    write("local", "Python Keyring", "keyring_pass.cfg"),
    write("own.cfg"),
  ];
  write(".local", "share", "python_keyring", "keyring_pass.cfg");
  const env = {
    XDG_DATA_HOME: join(home, "xdg"),
    LOCALAPPDATA: join(home, "local"),
    KEYRING_PROPERTY_FILE_PATH: join(home, "own.cfg"),
  };
  expect([...pythonKeyringFiles({ env, home })].sort()).toEqual([...files].sort());
  expect(howToBringOver([], { env: {}, home: "/nowhere" }, false)).toBeUndefined();
});
