import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseText } from "./parse-text.js";
import { ConfigReader } from "../../../src/config/config-reader.js";
import { parseTemplate } from "../../../src/config/config-template.js";
import { parseConfig } from "../../../src/config/parse-config.js";
import { readIni } from "../../../src/config/read-ini.js";
import { makeCertificates } from "../../support/certificates.js";

const text = readFileSync(new URL("../../../app.config.example", import.meta.url), "utf8");
const env = {
  TRUSTAR_API_KEY: "k",
  TRUSTAR_API_SECRET: "s",
  CTS_PASSWORD: "p",
  RESILIENT_API_KEY_ID: "i",
  RESILIENT_API_KEY_SECRET: "t",
  RESILIENT_PASSWORD: "w",
  RESILIENT_PROXY_PASSWORD: "y",
  TRUSTAR_SECRETS_KEY: "c",
};
const home = mkdtempSync(join(tmpdir(), "example-"));

beforeAll(async () => {
  const { key, cert } = await makeCertificates();
  const folder = join(home, ".resilient");
  mkdirSync(folder);
  writeFileSync(join(folder, "ca.pem"), cert);
  writeFileSync(join(folder, "client.pem"), cert);
  writeFileSync(join(folder, "client.key"), key);
});

afterAll(() => {
  rmSync(home, { recursive: true });
});

interface Line {
  readonly section: string;
  readonly key: string;
  readonly value: string;
  readonly commented: boolean;
  readonly remark: string;
}

/** Every `key = value` line, taken out of its comment or not, with the line above. */
function entries(): readonly Line[] {
  const found: Line[] = [];
  let section = "";
  const lines = text.split("\n");
  lines.forEach((line, index) => {
    section = /^\[(.+)\]$/.exec(line)?.[1] ?? section;
    const [, sign, key = "", value = ""] = /^(#?)([a-z_]+) = (.+)$/.exec(line) ?? [];
    if (sign !== undefined && section !== "") {
      found.push({ section, key, value, commented: sign === "#", remark: lines[index - 1] ?? "" });
    }
  });
  return found;
}

function withUncommented(wanted: (line: string) => boolean): string {
  const lines = text
    .split("\n")
    .map((line) => (/^#[a-z_]+ = /.test(line) && wanted(line) ? line.slice(1) : line));
  return lines.join("\n");
}

it("names exactly the keys that are read", () => {
  const reader = new ConfigReader(readIni(text, "x"), { env, keyring: { read: () => undefined } });
  parseConfig(reader, { path: "/conf/app.config", cwd: "/", home: "/", env });
  const read = [...reader.askedKeys()].flatMap(([section, keys]) => keys.map((key) => `[${section}] ${key}`));
  const named = entries().map(({ section, key }) => `[${section}] ${key}`);
  expect([...named].sort()).toEqual([...read].sort());
});

it("works as it is, without warnings", () => {
  expect(parseText(text, { env }).warnings).toEqual([]);
});

it("has one remark above each key, which says the default, that there is none, or that it is required", () => {
  for (const { key, value, commented, remark } of entries()) {
    const promise = /(Default: (?<value>[^ ,]+)(?=\.$|, )|No default|Required)[^.]*\.?$/.exec(remark);
    expect([key, remark, promise]).toEqual([key, expect.stringMatching(/^# \S.*\.$/), expect.anything()]);
    if (promise?.groups?.["value"] !== undefined)
      expect([key, value]).toEqual([key, promise.groups["value"]]);
    expect([key, commented]).toEqual([key, !remark.endsWith("Required.")]);
  }
});

it.each(entries().filter(({ remark }) => remark.includes("Default: ")))(
  "has the default of [$section] $key",
  ({ key }) => {
    const asIs = parseText(text, { env });
    expect(
      parseText(
        withUncommented((line) => line.startsWith(`#${key} = `)),
        { env },
      ),
    ).toEqual(asIs);
  },
);

it("works with every line taken out of its comment", () => {
  const config = parseText(
    withUncommented(() => true),
    { env, home },
  );
  expect(config.threatService.credentials?.user).toBe("resilient");
  expect(config.threatSource?.neverLookup).toHaveLength(4);
  expect(config.worker?.resilient).toMatchObject({
    credentials: { kind: "api-key", id: "i" },
    resourcePrefix: "/api/respond",
    stomp: { host: "stomp.soar.example.com" },
  });
  expect(config.worker?.accounts[0]?.policy).toMatchObject({ tags: ["resilient"] });
  expect(config.secretStore).toMatchObject({ kind: "file", path: "/conf/trustar-resilient.secrets" });
  expect(config.warnings).toEqual([
    expect.stringContaining("key_file isn't used"),
    expect.stringContaining("certfile isn't used"),
  ]);
});

it("is a template whose every key is found", () => {
  const keys = parseTemplate(text).flatMap(({ name, keys }) =>
    keys.map(({ key, remark, commented, required }) => ({
      section: name,
      key,
      line: commented,
      required,
      remark: remark.join("\n"),
    })),
  );
  const expected = entries().map(({ section, key, value, commented, remark }) => ({
    section,
    key,
    line: `#${key} = ${value}`,
    required: !commented,
    remark,
  }));
  expect(keys).toEqual(expected);
});
