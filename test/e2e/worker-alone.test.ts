import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { jest } from "@jest/globals";
import { freePort, launch, runProgram } from "../support/product.js";
import { BROKER_START_MS } from "../support/test-broker.js";
import { openWorkerWorld, type WorkerWorld } from "../support/worker-world.js";

jest.setTimeout(BROKER_START_MS);

const configOf = ({ folder }: WorkerWorld): string => join(folder.path, "app.config");
const artifact = { method: "POST", body: JSON.stringify({ type: "net.ip", value: "203.0.113.7" }) };

test("with health_port, probes and Prometheus get their answers, and artifacts are never silenced", async () => {
  await using world = await openWorkerWorld({ halves: "worker", probes: true });
  const { url } = world.product;
  expect((await fetch(`${url}/health`)).status).toBe(200);
  const ready = await fetch(`${url}/ready`);
  expect([ready.status, await ready.json()]).toEqual([
    200,
    { ready: true, checks: { resilient: { ok: true } } },
  ]);
  world.soar.resilient.createIncident({ workspace: 1 });
  await world.soar.answered();
  expect(await (await fetch(`${url}/metrics`)).text()).toContain('endpoint="POST /reports",status="200"');
  for (const root of ["/cts/trustar", "/cts/trustar_cts/some-id"]) {
    const answer = await fetch(url + root, root.endsWith("id") ? {} : artifact);
    expect([answer.status, await answer.json()]).toMatchObject([503, { hits: [] }]);
  }
  expect((await fetch(`${url}/cts`)).status).toBe(404);
  await world.soar.killBroker();
  while ((await fetch(`${url}/ready`)).status !== 503);
  expect((await fetch(`${url}/health`)).status).toBe(200);
  expect(await world.product.terminate()).toBe(0);
});

test("without it there is no web server", async () => {
  await using world = await openWorkerWorld({ halves: "worker" });
  await expect(fetch(`${world.product.url}/health`)).rejects.toThrow();
});

test("beside the threat service it opens no second port", async () => {
  const other = await freePort();
  await using world = await openWorkerWorld();
  const text = await readFile(configOf(world), "utf8");
  const config = await world.folder.write(
    "both.config",
    text.replace("queue = trustar", `queue = trustar\nhealth_port = ${other}`),
  );
  await world.product.terminate();
  await using both = await launch({
    args: ["run", "--config", config],
    port: Number(new URL(world.product.url).port),
    sign: "the worker is listening",
  });
  expect((await fetch(`${both.url}/health`)).status).toBe(200);
  await expect(fetch(`http://127.0.0.1:${other}/health`)).rejects.toThrow();
});

test("a port that is taken ends the start with exit code 2 and the key's name, before any file is touched", async () => {
  await using world = await openWorkerWorld({ halves: "worker", probes: true });
  const text = await readFile(configOf(world), "utf8");
  const config = await world.folder.write(
    "second.config",
    `${text}\n[custom_threat_service]\nstate_file = second/look-ups.state\n`,
  );
  const second = await runProgram(["run", "--config", config, "--only", "worker"]);
  expect(second.code).toBe(2);
  expect(second.stderr).toContain("[trustar] health_port");
  expect(second.stderr).toContain("is already in use");
  expect(await readdir(world.folder.path)).not.toContain("second");
});

test("a second worker on the same files is refused with exit code 2; after a crash its files are free", async () => {
  await using world = await openWorkerWorld({ halves: "worker" });
  const run = ["run", "--config", configOf(world), "--only", "worker"];
  const second = await runProgram(run);
  expect(second.code).toBe(2);
  expect(second.stderr).toContain(
    `process ${world.product.pid} is a worker that keeps its memory in the same`,
  );
  expect(world.product.ended).toBe(false);
  await world.kill();
  await world.start();
  expect(await world.product.terminate()).toBe(0);
  expect((await readdir(world.folder.path)).filter((name) => name.includes(".lock"))).toEqual([]);
});

test("beside a threat source that can't be asked it starts, says so, and keeps inside what that one lists", async () => {
  await using world = await openWorkerWorld({ threatSource: false });
  const config = await readFile(configOf(world), "utf8");
  await world.kill();
  await world.folder.write(
    "app.config",
    `${config}[trustar_threat_source]\nuser_api_key = $GONE\nuser_api_secret = $GONE\nnever_lookup = 203.0.113.0/24\n`,
  );
  await world.start();
  expect(world.output()).toContain("the threat service could not start with this file");
  const { results } = await world.call("get_priority_score_of_indicator", {
    trustar_artifact_value: "203.0.113.7",
  });
  expect(String(results?.["error"])).toContain("never_lookup in [trustar_threat_source] lists it");
  expect(await world.product.terminate()).toBe(0);
});
