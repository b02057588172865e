import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { emptyOrg } from "../support/empty-org.js";
import { runProgram, tempFolder, type Ended, type TempFolder } from "../support/product.js";
import {
  startResilientSimulator,
  type ResilientSimulator,
} from "../support/resilient-simulator/resilient-simulator.js";

interface Setup extends AsyncDisposable {
  readonly resilient: ResilientSimulator;
  readonly folder: TempFolder;
  customize(args?: readonly string[], input?: string): Promise<Ended>;
}

async function setUp(queue = "trustar"): Promise<Setup> {
  const folder = await tempFolder();
  const resilient = await startResilientSimulator({ tls: true });
  const ca = await folder.write("ca.pem", resilient.caPem ?? "");
  const { id, secret } = resilient.apiKey;
  const config = await folder.write(
    "app.config",
    `[resilient]
host = localhost
port = ${resilient.port}
org = ${resilient.org.name}
api_key_id = ${id}
api_key_secret = ${secret}
cafile = ${ca}
[trustar]
queue = ${queue}
`,
  );
  return {
    resilient,
    folder,
    customize: (args = [], input) => runProgram(["customize", "--config", config, ...args], {}, input),
    [Symbol.asyncDispose]: async () => {
      await resilient.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

const names = (list: readonly { readonly name: string }[]): readonly string[] =>
  list.map(({ name }) => name).sort();
const imports = ({ resilient }: Setup): number =>
  resilient.calls.all.filter(
    ({ method, path }) => method === "POST" && path.endsWith("/configurations/imports"),
  ).length;

test("an empty organization gets everything that the Python app brought, and the second run does nothing", async () => {
  await using reference = await startResilientSimulator(); // as its users have it installed
  await using setup = await setUp();
  const { world } = setup.resilient;
  emptyOrg(setup.resilient);
  const first = await setup.customize();
  expect(first).toMatchObject({ code: 0, stderr: "" });
  expect(first.stdout).toContain("Done: 30 added, 0 replaced, 0 kept");
  expect(first.stdout).toContain("field Workspace");

  expect(names(world.rules)).toEqual(names(reference.world.rules));
  expect(names(world.functions)).toEqual(names(reference.world.functions));
  const handles = (simulator: ResilientSimulator): readonly string[] =>
    simulator.world.workflows.map(({ programmatic_name }) => programmatic_name).sort();
  expect(handles(setup.resilient)).toEqual(handles(reference));
  expect(names(world.fields.get("__function") ?? [])).toEqual(
    names(reference.world.fields.get("__function") ?? []),
  );
  expect(world.artifactTypes.map(({ programmatic_name }) => programmatic_name)).toContain("url_string");
  expect(world.destinations).toMatchObject([
    { programmatic_name: "trustar", destination_type: 0, expect_ack: true, api_keys: [4] },
  ]);
  for (const rule of reference.world.rules) {
    const ours = world.rules.find(({ name }) => name === rule.name);
    const { type, object_type, workflows, conditions } = rule;
    expect(ours).toMatchObject({ type, object_type, workflows, conditions, enabled: true });
    expect(ours?.message_destinations).toHaveLength(rule.message_destinations.length);
  }

  const second = await setup.customize();
  expect(second).toMatchObject({ code: 0, stderr: "" });
  expect(second.stdout).toContain("Nothing to do.");
  expect(imports(setup)).toBe(1);
});

test("--dry-run tells the plan and changes nothing", async () => {
  await using setup = await setUp();
  emptyOrg(setup.resilient);
  const ended = await setup.customize(["--dry-run", "-y"]);
  expect(ended).toMatchObject({ code: 0, stderr: "" });
  expect(ended.stdout).toContain('+ rule "Send To TruSTAR" is missing');
  expect(ended.stdout).toContain("nothing has been changed");
  expect(setup.resilient.calls.all.map(({ method, path }) => `${method} ${path}`)).not.toContainEqual(
    expect.stringMatching(/^PUT|imports/),
  );
  expect(setup.resilient.world.rules).toEqual([]);
});

test("what an administrator changed is asked about, one by one, and kept without a yes", async () => {
  await using setup = await setUp();
  emptyOrg(setup.resilient);
  await setup.customize();
  const { rules, workflows } = setup.resilient.world;
  const rule = rules.find(({ name }) => name === "CaseCreated")!;
  const workflow = workflows.find(({ programmatic_name }) => programmatic_name.includes("undo_whitelist"))!;
  rule.conditions.push({ field_name: "incident.severity_code", method: "equals", value: "High" });
  rule.enabled = false;
  const ourXml = String(workflow.content["xml"]);
  workflow.content["xml"] = ourXml.replace("is no longer on", "has left");

  const nobody = await setup.customize();
  expect(nobody.code).toBe(0);
  expect(nobody.stdout).toContain('~ rule "CaseCreated" differs (conditions)');
  expect(nobody.stdout).toContain(
    '~ workflow "Example workflow: Undo Whitelist In TruSTAR" differs (scripts)',
  );
  expect(nobody.stdout).toContain("Nothing to do; 2 kept");
  expect(rules.find(({ name }) => name === "CaseCreated")?.conditions).toHaveLength(2);

  const partly = await setup.customize([], "no\ny\n");
  expect(partly.stderr).toContain('Replace workflow "Example workflow: Undo Whitelist In TruSTAR"? [y/N]');
  expect(partly.stderr).toContain('Replace rule "CaseCreated"? [y/N]');
  expect(partly.stdout).toContain("Done: 0 added, 1 replaced, 1 kept");
  const replaced = rules.find(({ name }) => name === "CaseCreated");
  expect(replaced?.conditions).toHaveLength(1);
  expect(replaced?.enabled).toBe(false); // off by an administrator's hand stays off
  const current = (): unknown =>
    workflows.find(({ programmatic_name }) => programmatic_name === workflow.programmatic_name)?.content[
      "xml"
    ];
  expect(current()).toContain("has left");

  const all = await setup.customize(["-y"]);
  expect(all.stdout).toContain("Done: 0 added, 1 replaced, 0 kept");
  expect(current()).toBe(ourXml);
  expect((await setup.customize()).stdout).toContain("Nothing to do.");
});

test("objects of the Python app keep their UUIDs, and ours refer to them", async () => {
  await using setup = await setUp();
  const before = setup.resilient.world.functions.map(({ name, uuid }) => [name, uuid]);
  const ended = await setup.customize(["-y"]);
  expect(ended.stdout).toContain("0 added, 6 replaced"); // the workflows' scripts
  expect(setup.resilient.world.functions.map(({ name, uuid }) => [name, uuid])).toEqual(before);
  const [workflow] = setup.resilient.world.workflows;
  expect(workflow?.content["xml"]).toContain(`<resilient:function uuid="${before[0]?.[1]}">`);
  expect((await setup.customize()).stdout).toContain("Nothing to do.");
});

test("another destination and a missing listener", async () => {
  await using setup = await setUp("threat_intel");
  emptyOrg(setup.resilient);
  await setup.customize();
  const [destination] = setup.resilient.world.destinations;
  expect(destination).toMatchObject({ programmatic_name: "threat_intel", api_keys: [4] });
  expect(setup.resilient.world.functions.map((fn) => fn.destination_handle)).toEqual(
    Array(6).fill("threat_intel"),
  );
  destination!.api_keys.length = 0;
  const again = await setup.customize();
  expect(again.stdout).toContain('may now listen on message destination "threat_intel"');
  expect(destination!.api_keys).toEqual([4]);
  expect(imports(setup)).toBe(1);
});

test("without the right to administer, it says so and changes nothing", async () => {
  await using setup = await setUp();
  setup.resilient.revoke("edit_data");
  const ended = await setup.customize(["-y"]);
  expect(ended.code).toBe(1);
  expect(ended.stderr).toContain("export the configuration");
  expect(ended.stderr).toContain("customize --export");
  expect(ended.stderr).not.toContain(setup.resilient.apiKey.secret);
});

test("--export needs no secret of the app.config that is there, only its queue", async () => {
  await using folder = await tempFolder();
  const config = await folder.write(
    "app.config",
    `[resilient]
host = soar.example.com
api_key_secret = $NOT_SET
[trustar]
queue = my_queue
[trustar_threat_source]
user_api_key = ^not_stored
[trustar_one]
user_api_key = $NOT_SET_EITHER
workspace = SOC
`,
  );
  const file = join(folder.path, "trustar.res");
  const ended = await runProgram(["customize", "--config", config, "--export", file]);
  expect(ended).toMatchObject({ code: 0, stderr: "" });
  expect(await readFile(file, "utf8")).toContain('"destination_handle":"my_queue"');
});

test("--export - writes the file to standard output, and nothing else", async () => {
  await using folder = await tempFolder();
  const ended = await runProgram(["customize", "--export", "-"], { HOME: folder.path });
  expect(ended.code).toBe(0);
  expect(JSON.parse(ended.stdout)).toMatchObject({ export_format_version: 2 });
  expect(ended.stderr).toContain("Administrator Settings");
});

test("--export writes what the platform's import takes, without a server or an app.config", async () => {
  await using folder = await tempFolder();
  const file = join(folder.path, "trustar.res");
  const ended = await runProgram(["customize", "--export", file], { HOME: folder.path });
  expect(ended).toMatchObject({ code: 0, stderr: "" });
  const res = JSON.parse(await readFile(file, "utf8")) as Record<string, unknown>;
  expect(res).toMatchObject({ export_format_version: 2, server_version: { version: "38.2.0" } });

  await using resilient = await startResilientSimulator();
  emptyOrg(resilient);
  const call = async (method: string, path: string, body: unknown): Promise<Record<string, unknown>> => {
    const { id, secret } = resilient.apiKey;
    const answer = await fetch(`${resilient.url}/rest/orgs/${resilient.org.id}/configurations/${path}`, {
      method,
      headers: {
        authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`,
        "content-type": "application/json",
      },
      body: JSON.stringify(body),
    });
    return (await answer.json()) as Record<string, unknown>;
  };
  const pending = await call("POST", "imports", res);
  expect(pending).toMatchObject({ status: "PENDING" });
  await call("PUT", `imports/${String(pending["id"])}`, { ...pending, status: "ACCEPTED" });
  expect(resilient.world.rules).toHaveLength(13);

  const again = await runProgram(["customize", "--export", file], { HOME: folder.path });
  expect(again.code).toBe(1);
  expect(again.stderr).toContain("-y overwrites");
});
