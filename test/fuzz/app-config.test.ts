import { readFileSync } from "node:fs";
import fc from "fast-check";
import { parseTemplate } from "../../src/config/config-template.js";
import { readIni } from "../../src/config/read-ini.js";
import { updateConfig } from "../../src/config/update-config.js";
import { ConfigError } from "../../src/core/errors.js";
import { parseText } from "../unit/config/parse-text.js";
import { fuzz } from "./fuzz.js";
import { mangled } from "./mangled.js";

const fileOf = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const example = fileOf("app.config.example");
const template = parseTemplate(example);
const files = [
  example,
  example.replace(/^#(?=[a-z_]+ = )/gm, ""),
  fileOf("test/fixtures/legacy-app.config"),
  fileOf("test/fixtures/legacy-two-accounts.config"),
];

/** What comes from the environment or the keyring is in no message. */
const secret = "s3cret-of-the-house";
const env = Object.fromEntries(
  [...new Set(files.join("\n").match(/\$\{?[A-Z_]+/g))].map((name) => [name.replace(/[${]/g, ""), secret]),
);
const keyring = new Proxy({}, { get: () => new Proxy({}, { get: () => secret }) });

const values = fc.oneof(
  fc.constantFrom(
    "",
    " ",
    "0",
    "-1",
    "007",
    "1e9",
    "99999999999999999999",
    "true",
    "TRUE ; remark",
    "none",
    "$",
    "${",
    "$${X}",
    "${TRUSTAR_API_KEY",
    "$NOT_THERE",
    "^",
    "^{",
    "^name",
    "${A}^{b}$C",
    "%(x)s",
    "/",
    "//../..",
    "~",
    "~nobody/x",
    "a\u0000b",
    "https://",
    "http://user:pass@host:99999/path?x#y",
    "https://[::1",
    "10.0.0.0/33,::/129,*.,.,..",
    ",,,\n ,",
    "x".repeat(3_000),
    "\ud800",
    "__proto__",
    "constructor",
  ),
  fc.string({ unit: "binary", maxLength: 20 }),
);

/** A whole file with some values replaced, some lines doubled or moved. */
function edited(text: string): fc.Arbitrary<string> {
  const lines = text.split("\n");
  const edit = fc.record({
    at: fc.nat(lines.length - 1),
    how: fc.constantFrom("value", "value", "value", "drop", "double", "move", "indent", "section"),
    value: values,
    to: fc.nat(lines.length - 1),
  });
  return fc.array(edit, { maxLength: 4 }).map((edits) => {
    const all = [...lines];
    for (const { at, how, value, to } of edits) {
      const line = all[at] ?? "";
      if (how === "value")
        all[at] = line.replace(/^#?([^=:]*[=:]).*$/, `$1 ${value.replaceAll("$", "$$$$")}`);
      else if (how === "drop") all.splice(at, 1);
      else if (how === "double") all.splice(at, 0, line);
      else if (how === "move") all.splice(to, 0, ...all.splice(at, 1));
      else if (how === "indent") all[at] = `  ${line}`;
      else all[at] = `[${value}]`;
    }
    // As a file can hold it.
    return Buffer.from(all.join("\n")).toString();
  });
}

const texts = fc.constantFrom(...files).chain((text) =>
  fc.oneof(
    edited(text),
    mangled(text, 4).map((bytes) => bytes.toString("utf8")),
  ),
);

/** @returns what it gives, or the problems, which are sentences without secrets */
function orProblems<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error.problems.length).toBeGreaterThan(0);
    for (const problem of error.problems) expect(problem).toMatch(/\S.*\S/s);
    expect(error.message).not.toContain(secret);
    return undefined;
  }
}

fuzz("app.config", 0.1, texts, (text) => {
  const config = orProblems(() => parseText(text, { env, keyring, cwd: "/nowhere", home: "/nowhere" }));
  if (config !== undefined) {
    // But for the address to listen on: everybody who is on the network sees it.
    const warnings = config.warnings.join("\n").replaceAll(`who reaches ${config.webserver.host}`, "");
    expect(warnings).not.toContain(secret);
    expect(config.threatService.urlBase).toMatch(/^(\/[\w.~-]+)+$/);
  }
  const updated = orProblems(() => updateConfig(text, template, "app.config"));
  if (updated !== undefined) expect(() => readIni(updated.text, "app.config")).not.toThrow();
});
