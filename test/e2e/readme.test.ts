/** What a reader of README relies on is held against the program. */
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { createMetrics } from "../../src/app/metrics.js";
import { parseTemplate } from "../../src/config/config-template.js";
import { runProgram } from "../support/product.js";

const root = new URL("../../", import.meta.url);
const readme = readFileSync(new URL("README.md", root), "utf8");
const sections = parseTemplate(readFileSync(new URL("app.config.example", root), "utf8"));

it("the table of keys is that of app.config.example, key by key", () => {
  const rows = [...readme.matchAll(/^\| `\[(\w+)\]`\s*\| `(\w+)`\s*\| (.*?)\s*\| (.*?)\s*\|$/gm)];
  const told = rows.map(([, section, key, fallback = "", what = ""]) => {
    const remark = what.replaceAll("\\", "");
    if (fallback === "") return `${section}/${key}: ${remark} No default.`;
    return `${section}/${key}: ${remark} ${fallback === "required" ? "Required" : `Default: ${fallback}`}.`;
  });
  const kept = sections.flatMap(({ name, keys }) =>
    keys.map(({ key, remark }) => `${name}/${key}: ${remark.at(-1)?.replace(/^# /, "") ?? ""}`),
  );
  expect(told).toEqual(kept);
});

it("the alerts are on metrics that exist", async () => {
  const [, text = ""] = /^```yaml\n(groups:.*?)^```$/ms.exec(readme) ?? [];
  const { groups } = parse(text) as { groups: readonly { rules: readonly { expr: string }[] }[] };
  const used = groups
    .flatMap(({ rules }) => rules)
    .flatMap(({ expr }) => expr.match(/trustar_\w+/g) ?? [])
    .map((name) => name.replace(/_count$/, ""));
  expect(used.length).toBeGreaterThan(3);
  const metrics = createMetrics();
  metrics.watch({
    running: () => 0,
    queued: () => 0,
    cached: () => 0,
    waitingForBudget: () => 0,
    quotaLeft: () => 0,
    quotaRunsOutAtMs: () => 0,
    unsearchableEnclaves: () => 0,
  });
  const { body: shown } = await metrics.render();
  for (const name of used) expect(shown).toContain(`# TYPE ${name} `);
});

it("every command and option in README's examples is one that the program has", async () => {
  const lines = [...readme.matchAll(/^(?:\$ )?npx trustar-resilient (.*)$/gm)].map(([, line = ""]) => line);
  expect(lines.length).toBeGreaterThan(10);
  const helps = new Map<string, string>();
  for (const line of lines) {
    const [command = "", ...words] = line.replace(/\s+#.*$/, "").split(/\s+/);
    if (command.startsWith("-")) continue;
    const help = helps.get(command) ?? (await runProgram([command, "--help"])).stdout;
    helps.set(command, help);
    expect(help).toContain(`trustar-resilient ${command}`);
    for (const option of words.filter((word) => /^--?[a-z]/.test(word))) {
      expect(`${line}: ${help}`).toMatch(new RegExp(`(^|[\\s,])${option}(?=[\\s,=])`, "m"));
    }
  }
});

it("its links lead to headings and files that are there", () => {
  const anchors = [...readme.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\w\s-]/g, "")
      .replace(/\s/g, "-"),
  );
  for (const [, target = ""] of readme.matchAll(/\]\(#([^)]*)\)/g)) expect(anchors).toContain(target);
  for (const [, file = ""] of readme.matchAll(/\]\((?!https?:|#)([^)]*)\)/g)) {
    expect(readFileSync(new URL(file, root), "utf8")).not.toBe("");
  }
});
