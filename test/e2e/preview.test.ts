import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  freePort,
  runProgram,
  startWorker,
  tempFolder,
  type Ended,
  type TempFolder,
} from "../support/product.js";
import { startSoar, type Soar } from "../support/soar.js";
import {
  startTrustarSimulator,
  type TrustarSimulator,
} from "../support/trustar-simulator/start-trustar-simulator.js";

interface Setup extends AsyncDisposable {
  readonly soar: Soar;
  readonly trustar: TrustarSimulator;
  readonly folder: TempFolder;
  readonly port: number;
  readonly configPath: string;
  preview(incidentId: number | string, ...args: string[]): Promise<Ended>;
}

async function setUp(ownKeys = ""): Promise<Setup> {
  const folder = await tempFolder();
  const trustar = await startTrustarSimulator();
  const soar = await startSoar();
  const port = await freePort();
  const { key, secret } = trustar.credentials;
  const [first, second] = trustar.enclaves;
  const configPath = await folder.write(
    "app.config",
    `${await soar.section(folder.path)}
[webserver]
port = ${port}
[custom_threat_service]
state_file = ${join(folder.path, "lookups.state")}
[trustar]
queue = trustar
[trustar_account_1]
url = ${trustar.url}
user_api_key = ${key}
user_api_secret = ${secret}
enclave_ids_for_submission = ${first!.id}, ${second!.id}
workspace = Default workspace
redact_terms = Project Nightfall
mask_private_addresses = true
tag = resilient
${ownKeys}
`,
  );
  return {
    soar,
    trustar,
    folder,
    port,
    configPath,
    preview: (incidentId, ...args) =>
      runProgram(["preview", String(incidentId), "--config", configPath, ...args]),
    [Symbol.asyncDispose]: async () => {
      await trustar.close();
      await soar[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

const phish = {
  workspace: 1,
  name: "Phish against Project Nightfall",
  description: "mail came in at 10.1.2.3",
  artifacts: [{ type: { name: "IP Address" }, value: "203.0.113.7", description: "seen" }],
};

interface PreviewJson {
  readonly reports: readonly {
    readonly intention: string;
    readonly title: string;
    readonly body: string;
    readonly externalId: string;
    readonly enclaveId: string;
    readonly existing: { readonly id: string } | null;
  }[];
}

const json = ({ stdout }: Ended): PreviewJson => JSON.parse(stdout) as PreviewJson;

/** What was asked of either side since the start, without what only reads. */
function writes({ soar, trustar }: Setup): readonly string[] {
  const asked = [
    ...soar.resilient.calls.all.map(({ method, route }) => `Resilient ${method} ${route}`),
    ...Object.keys(trustar.calls().byEndpoint).map((endpoint) => `TruSTAR ${endpoint}`),
  ];
  return asked.filter((one) => !/ GET |query_paged|POST \/oauth\/token/.test(one));
}

test("a new incident: each report as it would be submitted, masked parts marked, and nothing is sent", async () => {
  await using setup = await setUp();
  const { id } = setup.soar.resilient.seedIncident(phish).dto;
  const ended = await setup.preview(id);
  expect(ended).toMatchObject({ code: 0, stderr: "" });
  const [first, second] = setup.trustar.enclaves;
  expect(ended.stdout).toContain(`=== RESILIENT${id} in enclave ${first!.id}: new, it would be submitted`);
  expect(ended.stdout).toContain(
    `=== RESILIENT${id}-${second!.id.slice(0, 8)} in enclave ${second!.id}: new`,
  );
  expect(ended.stdout).toMatch(/^\* Title: Resilient Incident \d+: Phish against \[redacted\]$/m);
  expect(ended.stdout).toMatch(/^\* \tDescription: mail came in at \[private address\]$/m);
  expect(ended.stdout).toMatch(/^ {2}\tValue: 203\.0\.113\.7$/m);
  expect(ended.stdout).toContain("Masked: 2 of redact_terms, 1 private addresses, 0 own domains");
  expect(ended.stdout).toContain("Tags that a new report gets: resilient");
  expect(ended.stdout).not.toContain("Nightfall");
  expect(ended.stdout).not.toContain("10.1.2.3");
  expect(writes(setup)).toEqual([]);
  expect(
    setup.trustar.reports().some(({ externalTrackingId }) => externalTrackingId === `RESILIENT${id}`),
  ).toBe(false);
});

test("the preview is what is sent, to the letter; then it says that nothing would be; then what would change", async () => {
  await using setup = await setUp();
  const { soar, trustar } = setup;
  const { id } = soar.resilient.seedIncident(phish).dto;
  const before = json(await setup.preview(id, "--json"));
  expect(before.reports.map(({ intention }) => intention)).toEqual(["submit", "submit"]);
  {
    await using worker = await startWorker(setup.configPath, setup.port, "--only", "worker");
    soar.resilient.invokeRule("Send To TruSTAR", id);
    await soar.answered();
    expect(await worker.terminate()).toBe(0);
  }
  const sent = trustar.reports().filter((report) => report.externalTrackingId?.startsWith(`RESILIENT${id}`));
  expect(sent).toHaveLength(2);
  for (const report of sent) {
    const previewed = before.reports.find(({ externalId }) => externalId === report.externalTrackingId);
    expect(previewed).toMatchObject({ title: report.title, body: report.reportBody });
    expect(report.enclaveId).toBe(previewed?.enclaveId);
  }

  const memory = join(setup.folder.path, "lookups.written");
  const remembered = await readFile(memory, "utf8");
  const same = await setup.preview(id);
  expect(same.stdout).toContain("and the same, nothing would be sent");
  expect(same.stdout).not.toContain("Change against");

  soar.resilient.updateIncident(id, { name: "Phish, second wave" });
  soar.resilient.calls.clear();
  trustar.resetCalls();
  const changed = await setup.preview(id);
  expect(changed.stdout).toContain("it would be updated");
  expect(changed.stdout).toContain(`-Resilient Incident ${id}: Phish against [redacted]`);
  expect(changed.stdout).toContain(`+Resilient Incident ${id}: Phish, second wave`);
  expect(writes(setup)).toEqual([]);
  expect(await readFile(memory, "utf8")).toBe(remembered);
});

test("with redact = trustar the text isn't sent there either, and that is said", async () => {
  await using setup = await setUp("redact = trustar");
  const { id } = setup.soar.resilient.seedIncident(phish).dto;
  const ended = await setup.preview(id);
  expect(ended.stdout).toContain("TruSTAR's own redaction (redact = trustar) comes on top");
  expect(writes(setup)).toEqual([]);
});

test("an incident that must not leave", async () => {
  await using setup = await setUp("tlp_field = tlp");
  const { id } = setup.soar.resilient.seedIncident({ ...phish, properties: { tlp: "TLP:RED" } }).dto;
  const ended = await setup.preview(id);
  expect(ended).toMatchObject({ code: 1, stdout: "" });
  expect(ended.stderr).toContain("Nothing would be sent: ");
  expect(ended.stderr).toContain("RED");
  expect(writes(setup)).toEqual([]);
});

test("a workspace without an account, an unknown incident, and no number", async () => {
  await using setup = await setUp();
  const { id } = setup.soar.resilient.seedIncident({ ...phish, workspace: 2 }).dto;
  expect((await setup.preview(id)).stderr).toMatch(
    /Nothing would be sent: Workspace ".+" has no TruSTAR account/,
  );
  const unknown = await setup.preview(999_999);
  expect(unknown.code).toBe(1);
  expect(unknown.stderr).toContain("999999");
  expect((await setup.preview("abc")).code).toBe(2);
});

test("control characters of an incident do not reach the terminal", async () => {
  await using setup = await setUp();
  const { id } = setup.soar.resilient.seedIncident({ ...phish, name: "Phish \u001b[2J\u0007" }).dto;
  const ended = await setup.preview(id);
  expect(ended.code).toBe(0);
  expect(ended.stdout).not.toMatch(/[^\P{Cc}\n\t]/u);
});
