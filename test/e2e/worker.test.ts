import {
  freePort,
  runProgram,
  startProduct,
  startWorker,
  tempFolder,
  type TempFolder,
} from "../support/product.js";
import { startSoar, type Soar } from "../support/soar.js";
import {
  startTrustarSimulator,
  type TrustarSimulator,
} from "../support/trustar-simulator/start-trustar-simulator.js";

async function writeConfig(
  folder: TempFolder,
  soar: Soar,
  trustar: TrustarSimulator,
  port: number,
): Promise<string> {
  const { key, secret } = trustar.credentials;
  const [enclave] = trustar.enclaves;
  const login = `url = ${trustar.url}\nuser_api_key = ${key}\nuser_api_secret = ${secret}\n`;
  const text = `${await soar.section(folder.path)}
[webserver]
port = ${port}
[trustar]
queue = trustar
[trustar_threat_source]
${login}
[trustar_account_1]
${login}
enclave_ids_for_submission = ${enclave!.id}
auto_submission = enable
workspace = Default workspace, SOC East
tag = resilient
`;
  return folder.write("app.config", text);
}

const artifact = { type: { name: "IP Address" }, value: "203.0.113.7", description: "seen" };

test("an incident becomes a report with its note, and brings indicators back, once", async () => {
  await using folder = await tempFolder();
  await using trustar = await startTrustarSimulator();
  await using soar = await startSoar();
  const port = await freePort();
  await using product = await startWorker(await writeConfig(folder, soar, trustar, port), port);

  const id = soar.resilient.createIncident({ workspace: 1, artifacts: [artifact] }).dto.id;
  const ours = () => trustar.reports().filter((report) => report.externalTrackingId === `RESILIENT${id}`);
  await soar.platform.until((replies) => replies.some(({ complete }) => complete));
  const [first] = soar.platform.finalReplies;
  expect(first).toMatchObject({ messageType: 0 });
  const [report, ...others] = ours();
  expect(others).toEqual([]);
  expect(report?.reportBody).toContain("203.0.113.7");

  soar.resilient.invokeRule("Send To TruSTAR", id);
  await soar.resilient.settled();
  const published = (): number => soar.resilient.published.length;
  await soar.platform.until((replies) => replies.filter(({ complete }) => complete).length >= published());
  expect(soar.platform.finalReplies.map(({ messageType }) => messageType)).not.toContain(1);
  expect(ours()).toHaveLength(1);
  const ready = await fetch(`${product.url}/ready`);
  expect(await ready.json()).toMatchObject({
    ready: true,
    checks: { trustar: { ok: true }, resilient: { ok: true } },
  });
  expect(await product.terminate()).toBe(0);
  for (const secret of [trustar.credentials.secret, soar.resilient.apiKey.secret]) {
    expect(product.output()).not.toContain(secret);
  }
});

test("the worker alone answers a function", async () => {
  await using folder = await tempFolder();
  await using trustar = await startTrustarSimulator();
  await using soar = await startSoar();
  const port = await freePort();
  const config = await writeConfig(folder, soar, trustar, port);
  await using product = await startWorker(config, port, "--only", "worker");
  const id = soar.resilient.seedIncident({ workspace: 2 }).dto.id;
  soar.resilient.invokeFunction("submit_report_to_trustar", { trustar_incident_id: id });
  await soar.platform.until((replies) => replies.some(({ complete }) => complete));
  expect(soar.platform.finalReplies[0]?.results).toMatchObject({
    error: null,
    externalTrackingId: `RESILIENT${id}`,
  });
  expect(await product.terminate()).toBe(0);
});

test("without a configured worker --only worker says what is missing", async () => {
  await using folder = await tempFolder();
  const config = await folder.write(
    "app.config",
    "[trustar_threat_source]\nuser_api_key = a\nuser_api_secret = b\n",
  );
  const ended = await runProgram(["run", "--only", "worker", "--config", config]);
  expect(ended.code).toBe(2);
  expect(ended.stderr).toContain("[resilient]");
});

const legacyTemplate =
  "[trustar]\nqueue = trustar\n[trustar_account_n]\nuser_api_key = ^api_key_for_[stanza name (for e.g trustar_account_n)]\n" +
  "user_api_secret = ^api_secret_for_[stanza name (for e.g trustar_account_n)]\nenclave_ids_for_submission =\nworkspace =\n";

test("with the Python app's template alone --only worker says that it has no account", async () => {
  await using folder = await tempFolder();
  const platform = "[resilient]\nhost = soar.example.com\norg = SOC\napi_key_id = i\napi_key_secret = t\n";
  const config = await folder.write("app.config", platform + legacyTemplate);
  const ended = await runProgram(["run", "--only", "worker", "--config", config]);
  expect(ended).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("configures no TruSTAR account"),
  });
});

test("the threat service alone starts with that template and with an account that nothing is right about", async () => {
  await using folder = await tempFolder();
  await using trustar = await startTrustarSimulator();
  const port = await freePort();
  const { key, secret } = trustar.credentials;
  const config = await folder.write(
    "app.config",
    `[webserver]\nport = ${port}\n[resilient]\nhost = https://x/y\n${legacyTemplate}` +
      "[trustar_prod]\nworkspace = W\nuser_api_key = ^gone\nmax_tlp = PURPLE\n" +
      `[trustar_threat_source]\nurl = ${trustar.url}\nuser_api_key = ${key}\nuser_api_secret = ${secret}\n`,
  );
  await using product = await startProduct(config, port, { DBUS_SESSION_BUS_ADDRESS: "unix:path=/gone" });
  expect(product.output()).toMatch(
    /the worker could not start with this file.*\[trustar_prod\] user_api_key/,
  );
  expect(product.output()).toContain("section [trustar_account_n] is ignored");
  const lookup = await runProgram(["lookup", "203.0.113.7", "--config", config]);
  expect(lookup).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Hit 1 of/) });
  const both = await runProgram(["run", "--config", config]);
  expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining("[trustar_prod] max_tlp") });
  expect(await product.terminate()).toBe(0);
});
