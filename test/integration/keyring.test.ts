import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { KeyringUnavailableError } from "../../services/keyring/keyring-unavailable.js";
import { createOsKeyring, type NativeModule } from "../../services/keyring/os-keyring.js";
import { loadConfig } from "../../src/config/load-config.js";
import { ConfigError } from "../../src/core/errors.js";
import { Secret } from "../../src/core/secret.js";

interface Item {
  readonly target?: string;
  readonly service: string;
  readonly username: string;
  readonly password: string;
}

/** The native module over a list of items, with its names and its words. */
function nativeOver(given: readonly Item[], failure?: string): NativeModule {
  let items = given;

  /** Linux, macOS: an item is found by its attributes. */
  class Entry {
    readonly #service: string;
    readonly #username: string;

    constructor(service: string, username: string, options?: { linux?: { store?: string } }) {
      if (failure !== undefined) throw new Error(failure);
      expect(options).toEqual({ linux: { store: "secret-service" } });
      this.#service = service;
      this.#username = username;
    }

    /** Windows: an item is found by its target, and is there, empty, at once. */
    static withTarget(target: string, service: string, username: string) {
      const set = (password: string) => {
        items = [...items.filter((item) => item.target !== target), { target, service, username, password }];
      };
      set("");
      return { setPassword: set };
    }

    getPassword(): string | null {
      return this.#theOnly()?.password ?? null;
    }

    setPassword(password: string): void {
      const [old, service, username] = [this.#theOnly(), this.#service, this.#username];
      items = [...items.filter((item) => item !== old), { service, username, password }];
    }

    #theOnly(): Item | undefined {
      const found = items.filter(
        (item) => item.service === this.#service && item.username === this.#username,
      );
      if (found.length > 1) throw new Error(`Entry is matched by ${found.length} credentials: [..]`);
      return found[0];
    }
  }
  const findCredentials = (service: string, target?: string | null) =>
    items
      .filter((item) => item.service === service && (target ?? item.target) === item.target)
      .map(({ username, password }) => ({ account: username, password }));
  return { Entry, findCredentials } as unknown as NativeModule;
}

const osKeyring = (platform: NodeJS.Platform, items: readonly Item[], failure?: string) =>
  createOsKeyring({ platform, load: () => nativeOver(items, failure) });

describe.each(["linux", "darwin"] as const)("on %s", (platform) => {
  it("finds an item by service and user name", () => {
    const keyring = osKeyring(platform, [
      { service: "s", username: "u", password: "one" },
      { service: "s", username: "v", password: "two" },
    ]);
    expect(keyring.read("s", "v")).toBe("two");
    expect(keyring.read("s", "w")).toBeUndefined();
    expect(keyring.read("t", "u")).toBeUndefined();
  });

  it("takes the same secret that two programs have stored", () => {
    const item = { service: "s", username: "u", password: "one" };
    expect(osKeyring(platform, [item, item]).read("s", "u")).toBe("one");
  });

  it("stores a new secret, and changes one that is there", () => {
    const native = nativeOver([{ service: "s", username: "u", password: "one" }]);
    const keyring = createOsKeyring({ platform, load: () => native });
    keyring.write("s", "u", new Secret("two"));
    keyring.write("s", "v", new Secret("three"));
    expect(["u", "v"].map((name) => keyring.read("s", name))).toEqual(["two", "three"]);
    expect(native.findCredentials("s")).toHaveLength(2);
  });

  it("does not store beside several that it can't tell apart", () => {
    const items = ["one", "two"].map((password) => ({ service: "s", username: "u", password }));
    expect(() => {
      osKeyring(platform, items).write("s", "u", new Secret("hunter2"));
    }).toThrow(/several different secrets .* and store it anew$/);
  });

  it("does not choose between different secrets", () => {
    const items = ["one", "two"].map((password) => ({ service: "s", username: "u", password }));
    expect(() => osKeyring(platform, items).read("s", "u")).toThrow(
      /several different secrets .* delete all but one/,
    );
  });
});

describe("on Windows", () => {
  const keyring = osKeyring("win32", [
    { target: "s", service: "s", username: "later", password: "two" },
    { target: "earlier@s", service: "s", username: "earlier", password: "one" },
    { target: "later@s", service: "s", username: "later", password: "outdated" },
  ]);

  it("finds the latest secret of a service under the service's name", () => {
    expect(keyring.read("s", "later")).toBe("two");
  });

  it("finds an earlier one under user@service", () => {
    expect(keyring.read("s", "earlier")).toBe("one");
  });

  it("stores where Python looks first, and moves nothing", () => {
    const native = nativeOver([
      { target: "s", service: "s", username: "later", password: "two" },
      { target: "earlier@s", service: "s", username: "earlier", password: "one" },
    ]);
    const changed = createOsKeyring({ platform: "win32", load: () => native });
    for (const name of ["later", "earlier", "new"]) changed.write("s", name, new Secret(`${name} changed`));
    expect(["s", "earlier@s", "new@s"].map((target) => native.findCredentials("s", target))).toEqual([
      [{ account: "later", password: "later changed" }],
      [{ account: "earlier", password: "earlier changed" }],
      [{ account: "new", password: "new changed" }],
    ]);
    expect(changed.read("s", "new")).toBe("new changed");
  });

  it("tells that there is none", () => {
    expect(keyring.read("s", "nobody")).toBeUndefined();
    expect(keyring.read("t", "later")).toBeUndefined();
  });
});

describe("a keyring that can't be used", () => {
  it.each([
    [
      "The name org.freedesktop.secrets was not provided by any .service files",
      "no Secret Service is installed",
    ],
    ["Secret Service: unlock prompt was dismissed", "it is locked"],
    [
      "DBus error: Failed to connect to socket /run/user/1/bus: No such file or directory",
      "there is no session bus",
    ],
    [
      "DBus error: Using X11 for dbus-daemon autolaunch was disabled at compile time",
      "there is no session bus",
    ],
    ["something new", "something new"],
  ])("with %p says what to do", (words, expected) => {
    const read = () => osKeyring("linux", [], words).read("s", "u");
    expect(read).toThrow(KeyringUnavailableError);
    expect(read).toThrow(expected);
  });

  it("for lack of a native build says so", () => {
    const keyring = createOsKeyring({
      load: () => {
        throw new Error("Cannot find native binding");
      },
    });
    expect(() => keyring.read("s", "u")).toThrow("there is no build of the keyring module for this machine");
  });
});

describe("with an app.config", () => {
  const folder = mkdtempSync(join(tmpdir(), "keyring-"));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  const load = (text: string, native: () => NativeModule) => {
    const explicitPath = join(folder, "app.config");
    writeFileSync(explicitPath, text);
    return loadConfig({
      explicitPath,
      env: {},
      cwd: folder,
      home: folder,
      openKeyring: () => createOsKeyring({ load: native }),
    });
  };
  const neverLoaded = () => {
    throw new Error("loaded");
  };

  it("loads nothing when no key that is read has a ^ value", () => {
    const text =
      "[trustar_threat_source]\nuser_api_key = a\nuser_api_secret = b^c\n[trustar]\nproxy_password = ^p\n";
    expect(load(text, neverLoaded).threatSource?.apiSecret.reveal()).toBe("b^c");
  });

  it("loads the module once, and reports each key of a keyring that can't be used once", () => {
    let loads = 0;
    const text = "[trustar_threat_source]\nuser_api_key = ^{a}^{b}\nuser_api_secret = ^c\n";
    const run = () =>
      load(text, () => {
        loads++;
        return nativeOver([], "DBus error: no");
      });
    expect(run).toThrow(ConfigError);
    expect(loads).toBe(1);
    expect(run).toThrow(
      /^[^\n]*\[trustar_threat_source\] user_api_key [^\n]*can't be used: there is no session bus[^\n]*\n[^\n]*user_api_secret [^\n]*$/,
    );
  });
});

(process.platform === "linux" ? it : it.skip)(
  "the real module tells a missing session bus from a missing entry",
  () => {
    const source = fileURLToPath(new URL("../../services/keyring/os-keyring.ts", import.meta.url));
    const program = `import { createOsKeyring } from ${JSON.stringify(source)};
    try { createOsKeyring().read("s", "u"); } catch (error) { console.log(error.name, error.message); }`;
    // A process of its own: the module reads the environment of the process, not jest's.
    const said = execFileSync(
      process.execPath,
      ["--import", "tsx", "--input-type=module", "--eval", program],
      {
        env: { ...process.env, DBUS_SESSION_BUS_ADDRESS: "unix:path=/nonexistent/bus" },
        encoding: "utf8",
      },
    );
    expect(said).toMatch(/^KeyringUnavailableError there is no session bus/);
  },
);
