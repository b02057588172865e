import { emptyOrg } from "../support/empty-org.js";
import type { Ended } from "../support/product.js";
import { lines, onlyBroken, setUpSelftest as setUp } from "../support/selftest-setup.js";

const named = <T extends { readonly name: string }>(list: readonly T[], name: string): T => {
  const found = list.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
};

describe("what customize has brought, and somebody has changed", () => {
  test.each(["soc_dest", "soc.trustar"])(
    "a rule and a function that were moved to destination %s, on which the worker listens, too",
    async (name) => {
      await using setup = await setUp();
      const { rules, functions, destinations } = setup.soar.resilient.world;
      destinations.push({ ...destinations[0]!, id: 9_001, name, programmatic_name: name });
      named(rules, "CaseCreated").message_destinations = [9_001];
      named(functions, "whitelist_in_trustar").destination_handle = name;
      const ended = await setup.run();
      expect(ended.code).toBe(0);
      const told = lines(ended, "✓").join("\n");
      expect(told).toMatch(/^Rules: .*kept so by customize: CaseCreated \(message destinations\)/m);
      expect(told).toMatch(
        /^Functions: .*kept so by customize: whitelist_in_trustar \(message destination\)/m,
      );
      expect(told).toContain(`Subscription: to actions.201.trustar and actions.201.${name}`);
    },
  );

  test("a function that was moved where this account may not listen", async () => {
    await using setup = await setUp({}, { read: ["actions.201.trustar"] });
    const { functions, destinations } = setup.soar.resilient.world;
    destinations.push({ ...destinations[0]!, id: 9_001, name: "theirs", programmatic_name: "theirs" });
    named(functions, "whitelist_in_trustar").destination_handle = "theirs";
    const ended = await setup.run();
    expect(ended.code).not.toBe(0);
    expect(lines(ended, "✗").join("\n")).toMatch(
      /^Subscription: .* Add the API key .* message destination theirs [^\n]*$/,
    );
  });

  test("a rule that sends nowhere", async () => {
    await using setup = await setUp();
    named(setup.soar.resilient.world.rules, "CaseCreated").message_destinations = [];
    const ended = await setup.run();
    expect(ended.code).toBe(1);
    const line = onlyBroken(ended, "Rules");
    expect(line).toContain("CaseCreated (message destinations)");
    expect(line).toMatch(/→ .*trustar-resilient customize/);
  });

  test("a rule that sends to another destination, too, is an administrator's business", async () => {
    await using setup = await setUp();
    const { rules, destinations } = setup.soar.resilient.world;
    destinations.push({ ...destinations[0]!, id: 9_001, name: "other", programmatic_name: "other" });
    named(rules, "CaseCreated").message_destinations.push(9_001);
    const ended = await setup.run();
    expect(ended.code).toBe(0);
    expect(lines(ended, "✓").join("\n")).toMatch(/^Rules: .*CaseCreated \(message destinations\)/m);
  });

  test("rules that are switched off", async () => {
    await using setup = await setUp();
    const { rules } = setup.soar.resilient.world;
    named(rules, "CaseCreated").enabled = false;
    named(rules, "Send To TruSTAR").enabled = false;
    const ended = await setup.run();
    expect(ended.code).toBe(0);
    const [line] = lines(ended, "!").filter((one) => one.startsWith("Rules: "));
    expect(line).toContain("switched off, so nothing happens: CaseCreated, Send To TruSTAR");
    expect(line).toMatch(/→ enable .* Customization Settings, Rules/);
  });

  test("a rule of another workflow", async () => {
    await using setup = await setUp();
    const rule = named(setup.soar.resilient.world.rules, "Rule for workflow: Get Priority");
    rule.workflows = ["example_workflow_whitelist_in_trustar"];
    const ended = await setup.run();
    expect(ended.code).toBe(1);
    expect(onlyBroken(ended, "Rules")).toContain("Rule for workflow: Get Priority (workflows)");
  });

  test("a rule that has become a menu item", async () => {
    await using setup = await setUp();
    named(setup.soar.resilient.world.rules, "CaseCreated").type = 1;
    const ended = await setup.run();
    expect(ended.code).toBe(0);
    const [line] = lines(ended, "!").filter((one) => one.startsWith("Rules: "));
    expect(line).toMatch(/CaseCreated \(kind\).* starts at other times → .*customize/);
  });

  test("a workflow that calls none of its functions any more", async () => {
    await using setup = await setUp();
    const [workflow] = setup.soar.resilient.world.workflows;
    workflow!.content = { ...workflow!.content, xml: "<definitions/>" };
    const ended = await setup.run();
    expect(ended.code).toBe(1);
    expect(onlyBroken(ended, "Workflows")).toMatch(/\(functions\) → .*customize/);
  });

  test("other conditions are told, and good", async () => {
    await using setup = await setUp();
    const rule = named(setup.soar.resilient.world.rules, "CaseCreated");
    rule.conditions.push({ field_name: "incident.severity_code", method: "equals", value: "High" });
    const ended = await setup.run();
    expect(ended.code).toBe(0);
    expect(lines(ended, "✓").join("\n")).toMatch(/^Rules: all 13 .*CaseCreated \(conditions\)/m);
  });

  test("a workflow is missing", async () => {
    await using setup = await setUp();
    const { workflows } = setup.soar.resilient.world;
    workflows.splice(0, 1);
    const ended = await setup.run();
    expect(ended.code).toBe(1);
    const line = onlyBroken(ended, "Workflows");
    expect(line).toContain("missing: Example workflow: Submit/Update Report to TruSTAR");
    expect(line).toMatch(/→ .*trustar-resilient customize/);
  });

  test("a function that lost an input, and an input that is not there", async () => {
    await using setup = await setUp();
    const { functions, fields } = setup.soar.resilient.world;
    const fn = named(functions, "whitelist_in_trustar");
    fn["view_items"] = (fn["view_items"] as unknown[]).slice(1);
    fields.set("__function", [
      ...(fields.get("__function") ?? []).filter(({ name }) => name !== "trustar_artifact_type"),
    ]);
    const ended = await setup.run();
    expect(ended.code).toBe(1);
    const line = onlyBroken(ended, "Functions");
    expect(line).toContain('missing: function input "trustar_artifact_type"');
    expect(line).toContain("whitelist_in_trustar (inputs)");
    expect(line).toMatch(/→ .*trustar-resilient customize/);
  });

  test("the artifact type is missing", async () => {
    await using setup = await setUp();
    const { artifactTypes } = setup.soar.resilient.world;
    artifactTypes.splice(
      artifactTypes.findIndex(({ programmatic_name }) => programmatic_name === "url_string"),
      1,
    );
    const ended = await setup.run();
    expect(ended.code).toBe(1);
    const line = onlyBroken(ended, "Artifact type");
    expect(line).toContain("missing: URL String");
    expect(line).toMatch(/→ .*trustar-resilient customize/);
  });
});

test("another queue in app.config is one mistake, told with the name that is meant", async () => {
  await using setup = await setUp();
  const ended = await setup.run((config) => config.replace("queue = trustar", "queue = Trustar"));
  expect(ended.code).not.toBe(0);
  const [first] = lines(ended, "✗");
  expect(first).toBe(
    'Message destination: there is no "Trustar"; did you mean "trustar"? → ' +
      "correct queue in [trustar]; or let trustar-resilient customize bring this one",
  );
  expect(lines(ended, "✗")).toHaveLength(1);
  expect(ended.stdout).toContain("kept so by customize: submit_report_to_trustar (message destination), ");
});

test("nothing has been brought yet", async () => {
  await using setup = await setUp();
  emptyOrg(setup.soar.resilient);
  const ended = await setup.run();
  expect(ended.code).toBe(1);
  expect(lines(ended, "✗")).toContain(
    "Rules: missing: all of them → trustar-resilient customize brings what is missing",
  );
});

describe("names in app.config that Resilient must know", () => {
  test("a misspelt workspace", async () => {
    await using setup = await setUp();
    const ended = await setup.run((config) => config.replace("Default workspace", "Defualt workspace"));
    expect(ended.code).toBe(1);
    const line = onlyBroken(ended, "Workspaces");
    expect(line).toContain('[trustar_account_1] workspace "Defualt workspace"');
    expect(line).toContain('did you mean "Default workspace"?');
    expect(line).toContain("→ correct workspace in [trustar_account_1]");
  });

  test("upper and lower case count, as they do for the worker", async () => {
    await using setup = await setUp();
    const ended = await setup.run((config) => config.replace("Default workspace", "default workspace"));
    expect(onlyBroken(ended, "Workspaces")).toContain('did you mean "Default workspace"?');
  });

  test("a misspelt TLP field", async () => {
    await using setup = await setUp();
    const ended = await setup.run((config) => `${config}tlp_field = tpl\n`);
    expect(ended.code).toBe(1);
    const line = onlyBroken(ended, "Incident fields");
    expect(line).toContain('[trustar_account_1] tlp_field "tpl"');
    expect(line).toContain('did you mean "tlp"?');
    expect(line).toContain("nothing is sent");
  });

  test("a TLP field that is none of the custom ones", async () => {
    await using setup = await setUp();
    const ended = await setup.run((config) => `${config}tlp_field = severity_code\n`);
    expect(onlyBroken(ended, "Incident fields")).toContain("custom fields are: tlp");
  });

  test("a misspelt incident type to exclude would let its incidents out: a warning", async () => {
    await using setup = await setUp();
    const ended = await setup.run((config) => `${config}incident_types_to_exclude = malware; 'Fishing'\n`);
    expect(ended.code).toBe(0);
    const [line] = lines(ended, "!").filter((one) => one.startsWith("Incident types: "));
    expect(line).toContain('incident_types_to_exclude "Fishing"');
    expect(line).toContain('did you mean "Phishing"?');
    expect(line).toContain('[trustar_account_1] sends no incidents of type "Malware"');
    expect(line).not.toContain('"malware"');
  });

  test("an incident type that is excluded only as a part of the text is marked, a listed one is not", async () => {
    await using setup = await setUp();
    const exclude = (value: string) => (config: string) => `${config}incident_types_to_exclude = ${value}\n`;
    const typesLine = (ended: Ended, mark: "✓" | "!") =>
      lines(ended, mark).filter((one) => one.startsWith("Incident types: "));
    expect(typesLine(await setup.run(exclude("all Phishing incidents, Malware")), "!")).toEqual([
      expect.stringContaining('incident_types_to_exclude holds "Phishing" only as a part of its text'),
    ]);
    expect(typesLine(await setup.run(exclude("Phishing, Malware")), "✓")).toHaveLength(1);
  });
});
