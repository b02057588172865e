import { once } from "node:events";
import { appendFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { freePort, runProgram, startProgram, tempFolder, type TempFolder } from "../support/product.js";
import {
  startTrustarSimulator,
  type TrustarSimulator,
} from "../support/trustar-simulator/start-trustar-simulator.js";

async function writeConfig(folder: TempFolder, simulator: TrustarSimulator, port = 9000): Promise<string> {
  const text = `[webserver]
port = ${port}
[trustar_threat_source]
url = ${simulator.url}
user_api_key = $TRUSTAR_KEY
user_api_secret = \${TRUSTAR_SECRET}
never_lookup = corp.example
`;
  return folder.write("app.config", text);
}

const environment = ({ credentials }: TrustarSimulator): Record<string, string> => ({
  TRUSTAR_KEY: credentials.key,
  TRUSTAR_SECRET: credentials.secret,
});

test("lookup prints a table of the hits", async () => {
  await using folder = await tempFolder();
  await using simulator = await startTrustarSimulator();
  const config = await writeConfig(folder, simulator);
  const ended = await runProgram(["lookup", "203.0.113.7", "--config", config], environment(simulator));
  expect(ended).toMatchObject({ code: 0, stderr: "" });
  expect(ended.stdout).toMatch(/^Hit 1 of \d+\n {2}Priority Level +HIGH\n/);
});

test("lookup --json tells a miss from a value that was not asked", async () => {
  await using folder = await tempFolder();
  await using simulator = await startTrustarSimulator();
  const config = await writeConfig(folder, simulator);
  const verdict = async (...args: string[]): Promise<unknown> => {
    const ended = await runProgram(["lookup", "--json", ...args, "--config", config], environment(simulator));
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    return (JSON.parse(ended.stdout) as { verdict: string }).verdict;
  };
  expect(await verdict("harmless.example")).toBe("no_hit");
  expect(simulator.calls().byEndpoint["POST /indicators/metadata"]).toBe(1);
  expect(await verdict("mail.corp.example")).toBe("kept_inside");
  expect(await verdict("10.1.2.3", "--type", "NET.IP")).toBe("kept_inside");
  expect(await verdict("just words")).toBe("not_knowable");
  expect(simulator.calls().byEndpoint["POST /indicators/metadata"]).toBe(1);
});

test("lookup says why a value was not asked about", async () => {
  await using folder = await tempFolder();
  await using simulator = await startTrustarSimulator();
  const config = await writeConfig(folder, simulator);
  const said = async (...args: string[]): Promise<string> =>
    (await runProgram(["lookup", ...args, "--config", config], environment(simulator))).stdout;
  expect(await said("10[.]1.2.3")).toMatch(/^Not asked: .*private or reserved address\.\n$/);
  expect(await said("mail.corp.example")).toMatch(/^Not asked: .*never_lookup/);
  expect(await said("HKLM\\Run password=x", "--type", "system.registry")).toMatch(/^Not asked: .*password/);
  expect(await said("00:11:22:33:44:55", "--type", "net.mac")).toMatch(/^Not asked: .*type net\.mac/);
  expect(simulator.calls().byEndpoint["POST /indicators/metadata"]).toBeUndefined();
});

test("lookup calls nothing unknown when no configured enclave can be searched", async () => {
  await using folder = await tempFolder();
  await using simulator = await startTrustarSimulator();
  const config = await writeConfig(folder, simulator);
  await appendFile(config, "enclave_ids_for_search = 00000000-0000-4000-8000-000000000000\n");
  const ended = await runProgram(["lookup", "harmless.example", "--config", config], environment(simulator));
  expect(ended).toMatchObject({ code: 1, stdout: "" });
  expect(ended.stderr).toMatch(/^Could not ask TruSTAR: none of the configured enclaves can be searched/);
});

test("lookup says so when TruSTAR could not be asked, with exit code 1", async () => {
  await using folder = await tempFolder();
  await using simulator = await startTrustarSimulator();
  const config = await folder.write(
    "app.config",
    `[trustar_threat_source]\nurl = ${simulator.url}\nuser_api_key = nobody\nuser_api_secret = nothing\n`,
  );
  const ended = await runProgram(["lookup", "203.0.113.7", "--config", config]);
  expect(ended).toMatchObject({ code: 1, stdout: "" });
  expect(ended.stderr).toContain("Could not ask TruSTAR");
  expect(ended.stderr).toContain("user_api_key");
});

test("the config file is found through APP_CONFIG_FILE", async () => {
  await using folder = await tempFolder();
  await using simulator = await startTrustarSimulator();
  const config = await writeConfig(folder, simulator);
  const ended = await runProgram(["lookup", "203.0.113.7"], {
    ...environment(simulator),
    APP_CONFIG_FILE: config,
  });
  expect(ended.code).toBe(0);
});

test("a port that is taken is told with section and key, and exit code 2", async () => {
  await using folder = await tempFolder();
  await using simulator = await startTrustarSimulator();
  const other = createServer().listen(await freePort(), "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  const config = await writeConfig(folder, simulator, port);
  const ended = await runProgram(["run", "--config", config], environment(simulator));
  other.close();
  expect(ended.code).toBe(2);
  expect(ended.stderr).toContain(`[webserver] port ${port} is already in use`);
});

test.each([
  [["--help"], 0, "Usage: trustar-resilient"],
  [["run", "--help"], 0, "--only <half>"],
  [["--version"], 0, "2.0.0"],
])("%j answers on standard output", async (args, code, text) => {
  const ended = await runProgram(args);
  expect(ended).toMatchObject({ code, stderr: "" });
  expect(ended.stdout).toContain(text);
});

test.each([[[]], [["nonsense"]], [["run", "--only", "half"]], [["lookup"]], [["run", "--prot", "1"]]])(
  "%j is used wrongly: help on standard error and exit code 2",
  async (args) => {
    const ended = await runProgram(args);
    expect(ended).toMatchObject({ code: 2, stdout: "" });
    expect(ended.stderr).toContain("trustar-resilient");
  },
);

test.each([
  [["lookup", ""], "is empty"],
  [["lookup", " \t"], "is empty"],
  [["lookup", "203.0.113.7", "--type", "net.pi"], "Did you mean net.ip?"],
  [["lookup", "--type", "hash.sha265", "x"], "Did you mean hash.sha256?"],
  [["lookup", "--type", "md5", "x"], "Did you mean hash.md5?"],
  [["lookup", "--type", "name", "x"], "Allowed types are cert.x509, "],
  [["lookup", "--type", "", "x"], "Allowed types are cert.x509, "],
  [["lookup", "--type", "IP Address", "203.0.113.7"], "Allowed types are cert.x509, "],
])("%j is a mistake of usage, told with what was meant", async (args, text) => {
  const ended = await runProgram(args);
  expect(ended).toMatchObject({ code: 2, stdout: "" });
  expect(ended.stderr).toContain(text);
});

test("Ctrl-C ends a lookup that TruSTAR keeps waiting, at once and with a word", async () => {
  await using folder = await tempFolder();
  await using simulator = await startTrustarSimulator();
  simulator.faults.add({ kind: "hang", endpoint: "/indicators/metadata" });
  const config = await writeConfig(folder, simulator);
  const lookup = startProgram(["lookup", "203.0.113.7", "--config", config], environment(simulator));
  while (simulator.calls().inFlight === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  lookup.interrupt();
  const ended = await lookup.ended;
  expect(ended.code).toBe(1);
  expect(ended.stderr).toContain("Stopped");
});
