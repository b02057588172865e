import { randomBytes } from "node:crypto";
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fc } from "../../support/fast-check.js";
import { KeyringUnavailableError } from "../../../services/keyring/keyring-unavailable.js";
import { seal, unseal, type Secrets } from "../../../services/keyring/sealed-secrets.js";
import { createSecretFile } from "../../../services/keyring/secret-file.js";
import { makeKeyFile } from "../../../services/keyring/secret-file-key.js";
import { Secret } from "../../../src/core/secret.js";

const folder = mkdtempSync(join(tmpdir(), "secret-file-"));
const path = join(folder, "s.secrets");
const keyFile = join(folder, "s.key");

afterEach(() => {
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

const open = (key: { file: string } | { text: Secret } = { file: keyFile }) =>
  createSecretFile({ path, key });

function filled(): void {
  open().write("_", "password", new Secret("hunter2"));
  open().write("trustar", "password", new Secret("kéy 1$\nline"));
}

it("gives back what was stored, to another opening of it", () => {
  filled();
  expect(open().read("_", "password")).toBe("hunter2");
  expect(open().read("trustar", "password")).toBe("kéy 1$\nline");
  expect(open().read("trustar", "nope")).toBeUndefined();
  expect(open().read("__proto__", "toString")).toBeUndefined();
});

it("has at once what it stores, and replaces what was there", () => {
  filled();
  const store = open();
  expect(store.read("_", "password")).toBe("hunter2");
  store.write("_", "password", new Secret("other"));
  expect(store.read("_", "password")).toBe("other");
  expect(open().read("_", "password")).toBe("other");
});

it("loses nothing that another run has stored meanwhile", () => {
  filled();
  const [one, other] = [open(), open()];
  expect(one.read("a", "a")).toBeUndefined();
  other.write("b", "b", new Secret("B"));
  one.write("a", "a", new Secret("A"));
  expect(open().read("b", "b")).toBe("B");
});

it("shows neither secrets nor names, is readable for its owner only, and leaves nothing beside it", () => {
  filled();
  const text = readFileSync(path, "utf8");
  expect(text).not.toMatch(/hunter2|password|trustar"/);
  expect(JSON.parse(text)).toMatchObject({ format: "trustar-resilient secrets", version: 1 });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(keyFile).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder).sort()).toEqual(["s.key", "s.secrets"]);
});

it("closes a file that was open to others, and follows a link", () => {
  filled();
  chmodSync(path, 0o644);
  const link = join(folder, "link");
  symlinkSync(path, link);
  createSecretFile({ path: link, key: { file: keyFile } }).write("a", "a", new Secret("A"));
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(open().read("a", "a")).toBe("A");
});

it("has no secrets, and needs no key, before it is there", () => {
  expect(open().read("_", "password")).toBeUndefined();
});

it("makes the key of a new file, and tells; never for one that is there", () => {
  const made: string[] = [];
  const store = createSecretFile({ path, key: { file: keyFile }, onKeyMade: (file) => made.push(file) });
  store.write("a", "a", new Secret("A"));
  store.write("a", "b", new Secret("B"));
  expect(made).toEqual([keyFile]);
});

it("makes no new key where there is one", () => {
  makeKeyFile(keyFile);
  expect(() => {
    makeKeyFile(keyFile);
  }).toThrow(/key file .* can't be made \(EEXIST\)/);
});

it("takes the key as text, in both alphabets, padded or not", () => {
  const key = Buffer.alloc(32, 0xfb);
  for (const text of [key.toString("base64"), key.toString("base64url"), `${key.toString("base64")}\n`])
    open({ text: new Secret(text) }).write("a", text, new Secret("A"));
  expect(open({ text: new Secret(key.toString("base64")) }).read("a", key.toString("base64url"))).toBe("A");
});

const sealed = () => JSON.parse(readFileSync(path, "utf8")) as Record<string, string>;
const change = (part: object): void => {
  writeFileSync(path, JSON.stringify({ ...sealed(), ...part }));
};
const flipped = (base64 = ""): string => {
  const bytes = Buffer.from(base64, "base64");
  bytes[0] = bytes[0]! ^ 1;
  return bytes.toString("base64");
};

it.each<[string, () => void, string]>([
  [
    "another key",
    () => {
      rmSync(keyFile);
      makeKeyFile(keyFile);
    },
    "it isn't opened by this key",
  ],
  [
    "no key",
    () => {
      rmSync(keyFile);
    },
    "key file .* can't be read \\(ENOENT\\)",
  ],
  [
    "half a key",
    () => {
      writeFileSync(keyFile, "hunter2");
    },
    "can't be one; it has to be 32 random bytes",
  ],
  [
    "a key with a misspelt letter",
    () => {
      writeFileSync(keyFile, readFileSync(keyFile, "utf8").replace(/^./, "*"));
    },
    "can't be one",
  ],
  [
    "changed data",
    () => {
      change({ data: flipped(sealed()["data"]) });
    },
    "it isn't opened by this key",
  ],
  [
    "a changed tag",
    () => {
      change({ tag: flipped(sealed()["tag"]) });
    },
    "it isn't opened by this key",
  ],
  [
    "a shortened tag",
    () => {
      change({ tag: "AAAA" });
    },
    "it is damaged",
  ],
  [
    "a changed iv",
    () => {
      change({ iv: flipped(sealed()["iv"]) });
    },
    "it isn't opened by this key",
  ],
  [
    "a later version",
    () => {
      change({ version: 2 });
    },
    "it was written by a newer version",
  ],
  [
    "half of it",
    () => {
      writeFileSync(path, readFileSync(path).subarray(0, 60));
    },
    "it isn't a file of secrets",
  ],
  [
    "something else",
    () => {
      writeFileSync(path, "hunter2");
    },
    "it isn't a file of secrets",
  ],
])("with %s is told, and keeps what it was", (_what, spoil, expected) => {
  filled();
  spoil();
  const before = readFileSync(path);
  for (const use of [
    () => open().read("_", "password"),
    () => {
      open().write("a", "a", new Secret("A"));
    },
  ]) {
    expect(use).toThrow(KeyringUnavailableError);
    expect(use).toThrow(new RegExp(expected));
    expect(use).not.toThrow(/hunter2/);
  }
  expect(readFileSync(path)).toEqual(before);
});

it("is sealed differently each time", () => {
  const key = randomBytes(32);
  const secrets: Secrets = new Map([["s", new Map([["u", "x"]])]]);
  expect(seal(secrets, key)).not.toBe(seal(secrets, key));
});

it("whatever the names and secrets, all come back", () => {
  const key = randomBytes(32);
  const text = fc.string({ unit: "grapheme" });
  const secrets = fc
    .uniqueArray(
      fc.tuple(text, fc.uniqueArray(fc.tuple(text, text), { selector: ([name]) => name, minLength: 1 })),
      {
        selector: ([service]) => service,
      },
    )
    .map((rows): Secrets => new Map(rows.map(([service, entries]) => [service, new Map(entries)])));
  fc.assert(
    fc.property(secrets, (given) => {
      expect(unseal(seal(given, key), key)).toEqual(given);
    }),
  );
});
