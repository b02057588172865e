import { parseText, problemsOf } from "./parse-text.js";
import { keyringNames } from "../../../src/config/keyring-names.js";
import { readSecretStore } from "../../../src/config/load-secret-store.js";
import { readIni } from "../../../src/config/read-ini.js";
import { describeSecretStore } from "../../../src/config/secret-store.js";

const env = { TRUSTAR_SECRETS_KEY: "k3y" };

describe("[secret_store]", () => {
  it.each([
    ["", "os-keyring"],
    ["[secret_store]\n", "os-keyring"],
    ["[secret_store]\nfile =\n", "os-keyring"],
  ])("%j leaves the operating system's keyring", (text, kind) => {
    const config = parseText(text);
    expect(config).toMatchObject({ secretStore: { kind }, warnings: [] });
    expect(describeSecretStore(config.secretStore)).toBe("the operating system's keyring");
  });

  it("names a file and its key, relative to the app.config or to the home folder", () => {
    const { secretStore } = parseText("[secret_store]\nfile = a/b.secrets\nkey_file = ~/b.key\n");
    expect(secretStore).toEqual({
      kind: "file",
      path: "/conf/a/b.secrets",
      key: { file: "/home/soc/b.key" },
    });
    expect(describeSecretStore(secretStore)).toBe(
      "the encrypted file /conf/a/b.secrets, opened with the key in /home/soc/b.key",
    );
  });

  it("takes the key from the environment, and never shows it", () => {
    const config = parseText("[secret_store]\nfile = /s\nkey = $TRUSTAR_SECRETS_KEY\n", { env });
    expect(describeSecretStore(config.secretStore)).toBe(
      "the encrypted file /s, opened with the key from the environment",
    );
    expect(config.warnings).toEqual([]);
    expect(JSON.stringify(config)).not.toContain("k3y");
  });

  it.each([
    ["file = s", "key_file is missing"],
    ["file = s\nkey = hunter2", "key stands here in clear"],
    ["file = s\nkey = $GONE", "key can't be resolved: environment variable GONE isn't set"],
    [
      "file = s\nkey = ^key",
      "key can't be resolved: the operating system's keyring, the only place that is asked for entry \"key\", can't be used",
    ],
    ["file = $GONE\nkey_file = k", "file can't be resolved"],
  ])("with %j is one problem", (text, expected) => {
    const problems = problemsOf(`[secret_store]\n${text}\n`, {
      env,
      keyring: { secret_store: { key: "x" } },
    });
    expect(problems).toEqual([expect.stringContaining(`[secret_store] ${expected}`)]);
    expect(problems.join()).not.toContain("hunter2");
    const raw = readIni(`[secret_store]\n${text}\n`, "x");
    expect(readSecretStore(raw, { path: "/conf/x", env, home: "/" }).problems).toHaveLength(1);
  });

  it("warns of what is not used", () => {
    expect(parseText("[secret_store]\nkey_file = k\n").warnings).toEqual([
      expect.stringMatching(/^\[secret_store\] key_file isn't used, because file isn't set/),
    ]);
    expect(parseText("[secret_store]\nfile = s\nfilekey = k\nkey_file = k\n").warnings).toEqual([
      expect.stringMatching(/^\[secret_store\] filekey isn't a key/),
    ]);
  });
});

describe("the secrets that a file refers to", () => {
  const namesIn = (text: string, env = {}) => keyringNames(readIni(text, "x"), env);

  it("are found in every section and way of writing, in the file's order", () => {
    const { names, problems } = namesIn(
      "[fn_other]\ntoken = ^token\n[resilient]\nhost = a^b\npassword = ^password\n[trustar]\n" +
        "proxy_url = http://^{user}:^{pass}@p\nqueue = trustar\n[t]\nx = ^{token}\ny = ^token\n",
    );
    expect(names.map(({ service, username, usedBy }) => [service, username, ...usedBy])).toEqual([
      ["fn_other", "token", "fn_other/token"],
      ["_", "password", "resilient/password"],
      ["trustar", "user", "trustar/proxy_url"],
      ["trustar", "pass", "trustar/proxy_url"],
      ["t", "token", "t/x", "t/y"],
    ]);
    expect(problems).toEqual([]);
  });

  it("are inherited from [DEFAULT]", () => {
    const { names } = namesIn("[DEFAULT]\npassword = ^p\n[a]\n[b]\npassword = x\n");
    expect(names).toMatchObject([{ service: "a", username: "p" }]);
  });

  it("may have a name that comes from the environment in part", () => {
    expect(namesIn("[a]\nx = ^key_${STAGE}\n", { STAGE: "prod" }).names).toMatchObject([
      { username: "key_prod" },
    ]);
    expect(namesIn("[a]\nx = ^key_${STAGE}\n")).toMatchObject({
      names: [],
      problems: [expect.stringMatching(/^\[a\] x: environment variable STAGE isn't set/)],
    });
  });

  it("are not printed when the name is more likely a password", () => {
    expect(namesIn("[a]\nx = ^e(r3t word\n").names).toMatchObject([{ shown: "^…" }]);
  });

  it("are none among values that only contain the sign", () => {
    expect(namesIn("[a]\nx = 1^2\ny = $UNSET\n")).toEqual({ names: [], problems: [] });
  });
});
