import { readFileSync } from "node:fs";
import { fc } from "../../support/fast-check.js";
import { parseText } from "./parse-text.js";
import { parseTemplate } from "../../../src/config/config-template.js";
import { readIni } from "../../../src/config/read-ini.js";
import { updateConfig } from "../../../src/config/update-config.js";
import { ConfigError } from "../../../src/core/errors.js";

const fileOf = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");
const example = parseTemplate(fileOf("app.config.example"));
const small = parseTemplate(
  "# Head.\n\n[resilient]\n# Host. Required.\nhost = h\n# Port. Default: 443.\n#port = 443\n\n" +
    "[webserver]\n# Port. Default: 9000.\n#port = 9000\n# Which. Default: x.\n#server = x\n\n" +
    "# An account;\n# any number.\n[trustar_account_1]\n# Key. Required.\nuser_api_key = k\n" +
    "# Who. Required.\nworkspace = W\n# Tag. No default.\n#tag = t\n# The same under the name that x. No default.\n#label = t\n",
);

const update = (text: string, template = small) => updateConfig(text, template, "app.config");
const whole =
  "[resilient]\n#host=\n#port=\n[webserver]\n#port=\n#server=\n[trustar_a]\nuser_api_key=k\nworkspace=W\ntag=\n";

it("adds what a section lacks behind its last line, and leaves the remark of the next one there", () => {
  const text = whole.replace("#port=\n#server=\n", "port = 1\n\n; the account\n");
  expect(update(text).text).toBe(text.replace("port = 1\n", "port = 1\n# Which. Default: x.\n#server = x\n"));
  expect(update(text).added).toEqual([{ section: "webserver", isNew: false, keys: ["server"] }]);
});

it("adds needed keys commented out, too", () => {
  expect(update(whole.replace("#host=\n", "")).text).toContain("\n# Host. Required.\n#host = h\n");
});

it("adds whole sections at the end, commented out if a header alone could switch something on", () => {
  const { text, added } = update("[other]\nx = 1");
  expect(text).toBe(
    "[other]\nx = 1\n\n# Not in use: to use this section, take the # from its header, too.\n#[resilient]\n# Host. Required.\n#host = h\n" +
      "# Port. Default: 443.\n#port = 443\n\n[webserver]\n# Port. Default: 9000.\n#port = 9000\n# Which. Default: x.\n#server = x\n\n" +
      "# An account;\n# any number.\n# Not in use: to use this section, take the # from its header, too.\n#[trustar_account_1]\n# Key. Required.\n#user_api_key = k\n" +
      "# Who. Required.\n#workspace = W\n# Tag. No default.\n#tag = t\n# The same under the name that x. No default.\n#label = t\n",
  );
  expect(added.map(({ isNew }) => isNew)).toEqual(["commented", true, "commented"]);
});

it("switches nothing on by [DEFAULT]", () => {
  expect(update("[DEFAULT]\nport = 1\n").text).not.toMatch(/^\[webserver\]/m);
});

it("adds to every account, and no sample of one", () => {
  const text = `${whole}[trustar_b]\nworkspace = V\n[trustar_other]\nx = 1\n`;
  expect(update(text).text).toBe(
    `${whole}[trustar_b]\nworkspace = V\n# Key. Required.\n#user_api_key = k\n# Tag. No default.\n#tag = t\n[trustar_other]\nx = 1\n`,
  );
});

it("adds later keys to a section that is commented out", () => {
  const text =
    "#[webserver]\n#port=1\n# end\n[resilient]\nhost=h\nport=1\n#[trustar_account_1]\n#workspace=\n#user_api_key=\n#tag=\n";
  expect(update(text).text).toBe(text.replace("#port=1\n", "#port=1\n# Which. Default: x.\n#server = x\n"));
});

it("takes a line inside a value for what it is", () => {
  const text = whole.replace("workspace=W\ntag=\n", "workspace=W,\n  [resilient]\n  tag = 1\n\n  X\n");
  expect(update(text).text).toBe(text.replace("  X\n", "  X\n# Tag. No default.\n#tag = t\n"));
});

it.each([["\n"], ["\r\n"], ["\r"]])(
  "uses the file's line ends (%j), keeps its mark and its missing last one",
  (end) => {
    const text = `\uFEFF${whole.replace("tag=\n", "x = ü").replaceAll("\n", end)}`;
    expect(update(text).text).toBe(`${text}${end}# Tag. No default.${end}#tag = t`);
  },
);

it("fills an empty file without a gap at its start", () => {
  expect(update("").text).toMatch(/^# Not in use.*\n#\[resilient\]\n/);
});

it("refuses a file with faulty lines", () => {
  expect(() => update("[a]\nx\n")).toThrow(ConfigError);
  expect(() => update("[a]\n[a]\n")).toThrow("app.config, line 2: section [a] is there twice");
});

it("finds nothing missing in what the program makes itself", () => {
  const text = fileOf("app.config.example");
  expect(update(text, example)).toEqual({ text, added: [] });
});

it.each(["legacy-app.config", "legacy-two-accounts.config"])("%s means the same afterwards", (name) => {
  const before = fileOf(`test/fixtures/${name}`);
  const after = update(before, example).text;
  const secret = new Proxy({}, { get: () => "s" });
  const keyring = new Proxy({}, { get: () => secret });
  expect(after).not.toBe(before);
  expect(parseText(after, { keyring })).toEqual(parseText(before, { keyring }));
});

describe("whatever the file", () => {
  const added = new Set(
    example.flatMap(({ name, lead, keys }) => [
      ...[
        `[${name}]`,
        `#[${name}]`,
        ...lead,
        "# Not in use: to use this section, take the # from its header, too.",
      ],
      ...keys.flatMap(({ remark, commented }) => [...remark, commented]),
    ]),
  );
  const lineOf = fc.oneof(
    fc.constantFrom(
      "",
      "  ",
      "# a remark",
      "; port=",
      "#port=1",
      "#[webserver]",
      "  continued",
      "\tserver: x",
      "#tag:",
    ),
    fc.constantFrom(
      "# [old]",
      " # port = 2",
      "#secure =",
      "Port = 3",
      "workspace=W",
      "  [inner]",
      "user_api_key=^k",
    ),
    fc.constantFrom(
      ...["resilient", "webserver", "trustar", "trustar_x", "other", "DEFAULT"].map((name) => `[${name}] `),
    ),
    fc.string({ maxLength: 6 }).map((text) => `#${text.replace(/[\r\n]/g, "")}`),
  );
  const endOf = fc.constantFrom("\n", "\r\n", "\r");
  const fileText = fc
    .tuple(fc.constantFrom("", "\uFEFF"), fc.array(fc.tuple(lineOf, endOf), { maxLength: 25 }), lineOf)
    .map(([mark, lines, last]) => mark + lines.map((line) => line.join("")).join("") + last)
    .filter(isReadable);

  function isReadable(text: string): boolean {
    try {
      readIni(text, "x");
      return true;
    } catch {
      return false;
    }
  }

  /** Lines with their line ends. */
  const linesIn = (text: string) =>
    [...text.matchAll(/([^\r\n]*)(\r\n|\r|\n|$)/g)].filter(([line]) => line !== "");

  /** What is left when the lines of the template are taken out again. */
  function withoutAdded(after: string, before: string): string {
    let kept = before.startsWith("\uFEFF") ? "\uFEFF" : "";
    expect(after.startsWith(kept)).toBe(true);
    const old = linesIn(before.slice(kept.length));
    let next = 0;
    for (const [line, content, end] of linesIn(after.slice(kept.length))) {
      const expected = old[next];
      // The last line of the file may have got a line end, because something follows now.
      const isOld =
        expected !== undefined && (line === expected[0] || (content === expected[1] && expected[2] === ""));
      if (isOld) kept += expected[0];
      else expect([line, added.has(content!) || content === ""]).toEqual([line, true]);
      if (isOld) next++;
      else expect(["\n", "\r\n", "\r", ""]).toContain(end);
    }
    return kept;
  }

  it("nothing that is there changes, to the last byte", () => {
    fc.assert(
      fc.property(fileText, (before) => {
        expect(withoutAdded(update(before, example).text, before)).toBe(before);
      }),
    );
  });

  it("the second time there is nothing to add", () => {
    fc.assert(
      fc.property(fileText, (before) => {
        const once = update(before, example).text;
        expect(update(once, example)).toEqual({ text: once, added: [] });
      }),
    );
  });

  it("it says the same as before", () => {
    fc.assert(
      fc.property(fileText, (before) => {
        const [old, now] = [readIni(before, "x"), readIni(update(before, example).text, "x")];
        const filled = [...now.sections].filter(([name, keys]) => keys.size > 0 || old.sections.has(name));
        expect(filled).toEqual([...old.sections]);
        expect(now.defaults).toEqual(old.defaults);
        if (old.defaults.size > 0) expect(now.sections.size).toBe(old.sections.size);
      }),
    );
  });
});
