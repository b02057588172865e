import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lookUpInEnvironment } from "../../../src/config/environment-lookup.js";
import { resolveValue } from "../../../src/config/resolve-values.js";

const folder = mkdtempSync(join(tmpdir(), "environment-"));

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function file(text: string | Uint8Array): string {
  const path = join(folder, "secret");
  writeFileSync(path, text);
  return path;
}

const look = (env: Record<string, string>) => lookUpInEnvironment("NAME", env, folder);

describe("a file that NAME_FILE names", () => {
  it.each([
    ["s3cret", "s3cret"],
    ["s3cret\n", "s3cret"],
    ["s3cret\r\n", "s3cret"],
    ["s3cret\n\n", "s3cret\n"],
    [" with blanks ", " with blanks "],
    ["-----BEGIN X-----\nAA\n", "-----BEGIN X-----\nAA"],
  ])("with %j holds %j", (text, value) => {
    expect(look({ NAME_FILE: file(text) })).toEqual({ value });
  });

  it("is read for $NAME, ${NAME} and nothing else, and is a secret", () => {
    const sources = { env: { NAME_FILE: file("${OTHER}\n") }, keyring: { read: () => undefined } };
    expect(resolveValue("$NAME", "s", sources)).toEqual({ ok: true, text: "${OTHER}", secret: true });
    expect(resolveValue("a${NAME}b", "s", sources)).toMatchObject({ text: "a${OTHER}b", secret: true });
    expect(resolveValue("$OTHER", "s", sources)).toMatchObject({ ok: false });
  });

  it("comes after the variable itself, unless that is empty", () => {
    const NAME_FILE = file("from the file");
    expect(look({ NAME: "direct", NAME_FILE })).toEqual({ value: "direct" });
    expect(look({ NAME: "", NAME_FILE })).toEqual({ value: "from the file" });
    expect(look({ NAME: "direct", NAME_FILE: "/nonexistent" })).toEqual({ value: "direct" });
  });

  it.each([
    ["that isn't there", () => join(folder, "hunter2"), "can't be read (ENOENT)"],
    ["that is a folder", () => folder, "can't be read (EISDIR)"],
    ["that is empty", () => file("\n"), "is empty"],
    ["that is too long", () => file("x".repeat(70_000)), "more than 64 KiB"],
    ["that is no text", () => file(Uint8Array.of(0xff, 0xfe, 0x00)), "isn't UTF-8"],
  ])("%s is told without its name", (_what, path, expected) => {
    const problem = expect.stringMatching(/^the file that (environment variable )?NAME_FILE names /);
    expect(look({ NAME_FILE: path() })).toEqual({ problem });
    expect(look({ NAME_FILE: path() })).toEqual({ problem: expect.stringContaining(expected) });
    expect(JSON.stringify(look({ NAME_FILE: path() }))).not.toContain("hunter2");
  });

  it("is mentioned when there is nothing", () => {
    expect(look({})).toEqual({
      problem: expect.stringMatching(
        /^environment variable NAME isn't set; .* or NAME_FILE to a file with it$/,
      ),
    });
  });
});

describe("on App Host", () => {
  const onAppHost = { APP_HOST_CONTAINER: "1" };

  beforeAll(() => {
    mkdirSync(join(folder, ".jwk"));
    writeFileSync(
      join(folder, ".jwk", "key.jwk"),
      '{"kty":"oct","k":"W4VMVYqZg-xGiDTGjFFwRvbzf098AskheVdZPbpiYvE"}',
    );
    writeFileSync(
      join(folder, "NAME"),
      "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..BRnC7Jkp6jtAUeki." +
        "6gJtuWBnQdo-WUX0OErbI9ARapO__rcfEoHyxcKDosVuFSsKCUqRJZ3lZA.fap4VWIeB2qFQ0e0ZaIUhg",
    );
    writeFileSync(join(folder, "BROKEN"), "hunter2");
  });

  it("a protected secret comes before the variable, elsewhere it is not looked at", () => {
    expect(look({ ...onAppHost, NAME: "direct" })).toEqual({
      value: "JbkOxTInUg1aIRGxXI8zOG1A25opU39lDKP1_0rfeVQ",
    });
    expect(look({ NAME: "direct" })).toEqual({ value: "direct" });
  });

  it("one that can't be opened is replaced by the variable, or is the problem", () => {
    expect(lookUpInEnvironment("BROKEN", { ...onAppHost, BROKEN: "direct" }, folder)).toEqual({
      value: "direct",
    });
    const found = lookUpInEnvironment("BROKEN", onAppHost, folder);
    expect(found).toEqual({ problem: expect.stringMatching(/^the protected secret BROKEN can't be used: /) });
    expect(JSON.stringify(found)).not.toContain("hunter2");
  });

  it("variables without a protected secret stay what they are", () => {
    expect(lookUpInEnvironment("OTHER", { ...onAppHost, OTHER: "direct" }, folder)).toEqual({
      value: "direct",
    });
  });
});
