import { createCipheriv, randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  isOnAppHost,
  ProtectedSecretError,
  readProtectedSecret,
} from "../../../src/config/app-host-secrets.js";

/** The platform's own sample: ibmresilient/resilient-python-api, resilient/tests/shared_mock_data/mock_secrets. */
const sample = {
  key: "W4VMVYqZg-xGiDTGjFFwRvbzf098AskheVdZPbpiYvE",
  token:
    "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..BRnC7Jkp6jtAUeki." +
    "6gJtuWBnQdo-WUX0OErbI9ARapO__rcfEoHyxcKDosVuFSsKCUqRJZ3lZA.fap4VWIeB2qFQ0e0ZaIUhg",
  secret: "JbkOxTInUg1aIRGxXI8zOG1A25opU39lDKP1_0rfeVQ",
};

const folder = mkdtempSync(join(tmpdir(), "app-host-"));

function put(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

function putKey(key: object): void {
  put(".jwk/key.jwk", JSON.stringify(key));
}

beforeAll(() => {
  mkdirSync(join(folder, ".jwk"));
});

beforeEach(() => {
  putKey({ kty: "oct", k: sample.key, alg: "A256GCM" });
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function seal(secret: string, header: object = { alg: "dir", enc: "A256GCM" }): string {
  const protectedHeader = Buffer.from(JSON.stringify(header)).toString("base64url");
  const iv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", Buffer.from(sample.key, "base64url"), iv);
  cipher.setAAD(Buffer.from(protectedHeader, "ascii"));
  const data = Buffer.concat([cipher.update(secret, "utf8"), cipher.final()]);
  const parts = [iv, data, cipher.getAuthTag()].map((part) => part.toString("base64url"));
  return [protectedHeader, "", ...parts].join(".");
}

it("opens the platform's own sample", () => {
  put("API_KEY", sample.token);
  expect(readProtectedSecret("API_KEY", folder)).toBe(sample.secret);
});

it("opens what is not ASCII, and takes the first line", () => {
  put("PASSWORD", `${seal("pä$$ ^wörd")}\nmore\n`);
  expect(readProtectedSecret("PASSWORD", folder)).toBe("pä$$ ^wörd");
});

it.each(["NOPE", ".jwk", "../etc/passwd", ".jwk/key.jwk", "", "."])("has no secret named %j", (name) => {
  expect(readProtectedSecret(name, folder)).toBeUndefined();
});

it.each([
  [
    "another key",
    () => {
      putKey({ kty: "oct", k: randomBytes(32).toString("base64url") });
    },
    "doesn't open it",
  ],
  [
    "a short key",
    () => {
      putKey({ kty: "oct", k: "AAAA" });
    },
    "isn't a 256 bit key",
  ],
  [
    "a key of another type",
    () => {
      putKey({ kty: "RSA", n: "x" });
    },
    "isn't a 256 bit key",
  ],
  [
    "no key",
    () => {
      rmSync(join(folder, ".jwk/key.jwk"));
    },
    "the key can't be read",
  ],
  [
    "a changed text",
    () => {
      put("X", sample.token.replace(".6gJ", ".7gJ"));
    },
    "doesn't open it",
  ],
  [
    "a changed tag",
    () => {
      put("X", sample.token.replace(".fap", ".gap"));
    },
    "doesn't open it",
  ],
  [
    "a short tag",
    () => {
      put("X", sample.token.slice(0, -8));
    },
    "isn't a compact JWE",
  ],
  [
    "another header",
    () => {
      put("X", seal("s", { alg: "dir", enc: "A128GCM" }));
    },
    "isn't a compact JWE",
  ],
  [
    "no token",
    () => {
      put("X", "hunter2");
    },
    "isn't a compact JWE",
  ],
])("says what is wrong with %s, and nothing of the secret", (_what, spoil, expected) => {
  put("X", sample.token);
  spoil();
  const read = () => readProtectedSecret("X", folder);
  expect(read).toThrow(ProtectedSecretError);
  expect(read).toThrow(expected);
  expect(read).not.toThrow(/hunter2|JbkOx/);
});

it.each([
  ["1", true],
  ["True", true],
  ["yes", true],
  ["on", true],
  ["0", false],
  ["", false],
  ["maybe", false],
  [undefined, false],
])("APP_HOST_CONTAINER=%s means App Host: %s", (APP_HOST_CONTAINER, expected) => {
  expect(isOnAppHost({ APP_HOST_CONTAINER })).toBe(expected);
});
