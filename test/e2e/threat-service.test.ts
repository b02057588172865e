import { readFile, stat, watch } from "node:fs/promises";
import { join } from "node:path";
import { freePort, runProgram, startProduct, tempFolder } from "../support/product.js";
import {
  startTrustarSimulator,
  type TrustarSimulator,
} from "../support/trustar-simulator/start-trustar-simulator.js";

const known = { type: "net.ip", value: "203.0.113.7" };
const unknown = { type: "net.name", value: "harmless.example" };

function configText(simulator: TrustarSimulator, port: number, service: readonly string[] = []): string {
  return [
    "[webserver]",
    `port = ${port}`,
    "[custom_threat_service]",
    ...service,
    "[trustar_threat_source]",
    `url = ${simulator.url}`,
    `user_api_key = ${simulator.credentials.key}`,
    `user_api_secret = ${simulator.credentials.secret}`,
    "",
  ].join("\n");
}

/** For tests of the first answer: a slow machine gets all the time it needs. */
const unhurried = ["answer_within_ms = 10000"];

interface WireAnswer {
  readonly status: number;
  readonly body: {
    id: string;
    hits: { props: { name: string; value: string }[] }[];
    retry_secs?: number;
    error?: string;
  };
}

async function post(url: string, artifact: object): Promise<WireAnswer> {
  const response = await fetch(`${url}/cts/trustar`, { method: "POST", body: JSON.stringify(artifact) });
  return { status: response.status, body: (await response.json()) as WireAnswer["body"] };
}

async function poll(url: string, id: string): Promise<WireAnswer> {
  const response = await fetch(`${url}/cts/trustar/${id}`, { redirect: "manual" });
  return { status: response.status, body: (await response.json()) as WireAnswer["body"] };
}

/** Polls as the platform would, only faster, until the look-up is no longer pending. */
async function pollToTheEnd(url: string, id: string): Promise<WireAnswer> {
  for (;;) {
    const answer = await poll(url, id);
    if (answer.status !== 303) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test("an artifact goes in and its hits come out, then the program stops with exit code 0", async () => {
  await using folder = await tempFolder();
  await using simulator = await startTrustarSimulator();
  const port = await freePort();
  await using product = await startProduct(
    await folder.write("app.config", configText(simulator, port, unhurried)),
    port,
  );

  const hit = await post(product.url, known);
  expect(hit.status).toBe(200);
  expect(hit.body.hits[0]?.props).toContainEqual({ type: "string", name: "Priority Level", value: "HIGH" });
  const miss = await post(product.url, unknown);
  expect(miss).toMatchObject({ status: 200, body: { hits: [] } });

  expect(await product.terminate()).toBe(0);
  const { key, secret } = simulator.credentials;
  for (const forbidden of [key, secret, known.value, unknown.value, "Bearer"]) {
    expect(product.output()).not.toContain(forbidden);
  }
});

test("what is not asked about shows in the metrics, and once per type in the log", async () => {
  await using folder = await tempFolder();
  await using simulator = await startTrustarSimulator();
  const port = await freePort();
  const text = configText(simulator, port, unhurried);
  await using product = await startProduct(
    await folder.write("app.config", `${text}lookup_plain_strings = true\n`),
    port,
  );
  for (const type of ["net.mac", "net.mac", "system.mutex", "x{}\n"])
    await post(product.url, { type, value: "a" });
  await post(product.url, { type: "net.ip", value: "10.0.0.5" });
  const metrics = await (await fetch(`${product.url}/metrics`)).text();
  expect(metrics).toContain('trustar_artifacts_not_asked_total{type="net.mac",reason="not_knowable"} 2');
  expect(metrics).toContain('trustar_artifacts_not_asked_total{type="other",reason="not_knowable"} 1');
  expect(metrics).toContain('trustar_artifacts_not_asked_total{type="net.ip",reason="kept_inside"} 1');
  expect(metrics).toContain('trustar_values_kept_inside_total{reason="private_address"} 1');
  expect(simulator.calls().byEndpoint["POST /indicators/metadata"]).toBeUndefined();

  await post(product.url, { type: "string", value: "Some Campaign" });
  expect(simulator.calls().byEndpoint["POST /indicators/metadata"]).toBe(1);

  expect(await product.terminate()).toBe(0);
  const told = product.output().match(/TruSTAR was not asked about an artifact of this type/g);
  expect(told).toHaveLength(4);
});

test("200 posts of one artifact at once are one upstream look-up", async () => {
  await using folder = await tempFolder();
  await using simulator = await startTrustarSimulator({ latencyMs: 30 });
  const port = await freePort();
  await using product = await startProduct(
    await folder.write("app.config", configText(simulator, port)),
    port,
  );

  const answers = await Promise.all(Array.from({ length: 200 }, () => post(product.url, known)));
  expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1);
  const end = await pollToTheEnd(product.url, answers[0]!.body.id);
  expect(end.status).toBe(200);
  expect(end.body.hits.length).toBeGreaterThan(0);
  const { byEndpoint } = simulator.calls();
  expect(byEndpoint["POST /indicators/metadata"]).toBe(1);
  expect(byEndpoint["POST /indicators/summaries"]).toBe(1);
});

test("an outage is pending, never clean; the hits come when it is over", async () => {
  await using folder = await tempFolder();
  await using simulator = await startTrustarSimulator();
  const port = await freePort();
  const config = await folder.write(
    "app.config",
    configText(simulator, port, ["answer_within_ms = 50", "max_retries = 1000"]),
  );
  await using product = await startProduct(config, port);

  simulator.faults.add({ kind: "status", status: 503, endpoint: "/indicators/metadata", times: 1 });
  simulator.faults.add({ kind: "rate-limit", waitTimeMs: 200, endpoint: "/indicators/metadata", times: 1 });
  const first = await post(product.url, known);
  expect(first).toMatchObject({ status: 303, body: { hits: [], retry_secs: 1 } });
  const end = await pollToTheEnd(product.url, first.body.id);
  expect(end).toMatchObject({ status: 200 });
  expect(end.body.hits.length).toBeGreaterThan(0);
});

test("past max_retries an outage ends as 503 with the reason, and the next post asks afresh", async () => {
  await using folder = await tempFolder();
  await using simulator = await startTrustarSimulator();
  const port = await freePort();
  const service = ["answer_within_ms = 50", "later_retry_secs = 1", "max_retries = 3"];
  await using product = await startProduct(
    await folder.write("app.config", configText(simulator, port, service)),
    port,
  );

  simulator.faults.add({ kind: "status", status: 502, endpoint: "/indicators/metadata" });
  const { body } = await post(product.url, known);
  // The second call tells that the first one's answer has been read.
  while ((simulator.calls().byEndpoint["POST /indicators/metadata"] ?? 0) < 2) {
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  const polls = [];
  for (let index = 0; index < 5; index += 1) polls.push(await poll(product.url, body.id));
  expect(polls.map((answer) => answer.status)).toEqual([303, 303, 303, 503, 503]);
  expect(polls[3]?.body).toMatchObject({ id: body.id, hits: [], error: expect.stringContaining("502") });

  simulator.faults.clear();
  const again = await post(product.url, known);
  expect((await pollToTheEnd(product.url, again.body.id)).body.hits.length).toBeGreaterThan(0);
});

test("kill -9 keeps what was finished and what was pending, under the same ids", async () => {
  await using folder = await tempFolder();
  await using simulator = await startTrustarSimulator();
  const port = await freePort();
  const config = await folder.write("app.config", configText(simulator, port, ["answer_within_ms = 200"]));
  const stateFile = join(folder.path, "trustar-resilient.state");
  let finishedId: string;
  let pendingId: string;
  {
    await using product = await startProduct(config, port);
    finishedId = (await post(product.url, known)).body.id;
    expect((await pollToTheEnd(product.url, finishedId)).status).toBe(200);
    simulator.faults.add({ kind: "hang", endpoint: "/indicators/metadata" });
    const pending = await post(product.url, { type: "net.name", value: "evil.example" });
    expect(pending.status).toBe(303);
    pendingId = pending.body.id;
    while (!(await readFile(stateFile, "utf8")).includes(pendingId)) {
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    await product.kill();
  }
  expect((await stat(stateFile)).mode & 0o777).toBe(0o600);
  simulator.faults.clear();
  simulator.resetCalls();

  await using product = await startProduct(config, port);
  const finished = await poll(product.url, finishedId);
  expect(finished.status).toBe(200);
  expect(finished.body.hits.length).toBeGreaterThan(0);
  const resumed = await pollToTheEnd(product.url, pendingId);
  expect(resumed.status).toBe(200);
  expect(resumed.body.hits.length).toBeGreaterThan(0);
  expect(simulator.calls().byEndpoint["POST /indicators/metadata"]).toBe(1);
});

test("who was told to come back is remembered, whenever the program is killed after that", async () => {
  await using folder = await tempFolder();
  await using simulator = await startTrustarSimulator();
  const port = await freePort();
  const config = await folder.write("app.config", configText(simulator, port, ["answer_within_ms = 0"]));
  for (let round = 1; round <= 3; round += 1) {
    simulator.faults.add({ kind: "hang", endpoint: "/indicators/metadata" });
    const artifact = { type: "net.ip", value: `203.0.113.${round}` };
    simulator.addIndicator({ value: artifact.value, severityLevel: 3 });
    let id: string;
    {
      await using product = await startProduct(config, port);
      const pending = await post(product.url, artifact);
      await product.kill();
      expect(pending.status).toBe(303);
      ({ id } = pending.body);
    }
    simulator.faults.clear();
    await using product = await startProduct(config, port);
    expect((await pollToTheEnd(product.url, id)).body.hits.length).toBeGreaterThan(0);
  }
});

test("a second start on the same port ends without touching the memory of the first", async () => {
  await using folder = await tempFolder();
  await using simulator = await startTrustarSimulator();
  const port = await freePort();
  const config = await folder.write("app.config", configText(simulator, port));
  const stateFile = join(folder.path, "trustar-resilient.state");
  await using product = await startProduct(config, port);
  const { id } = (await post(product.url, known)).body;
  while (!(await readFile(stateFile, "utf8")).includes('"is":"done"')) {
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  const before = { text: await readFile(stateFile, "utf8"), inode: (await stat(stateFile)).ino };

  const second = await runProgram(["run", "--config", config, "--only", "server"]);
  expect(second.code).toBe(2);
  expect(second.stderr).toContain(`[webserver] port ${port} is already in use`);
  const after = { text: await readFile(stateFile, "utf8"), inode: (await stat(stateFile)).ino };
  expect(after).toEqual(before);
  expect((await poll(product.url, id)).body.hits.length).toBeGreaterThan(0);
});

test("SIGTERM lets a waiting post answer and keeps its look-up for the next start", async () => {
  await using folder = await tempFolder();
  await using simulator = await startTrustarSimulator();
  const port = await freePort();
  const config = await folder.write("app.config", configText(simulator, port, ["answer_within_ms = 5000"]));
  let id: string;
  {
    await using product = await startProduct(config, port);
    simulator.faults.add({ kind: "hang", endpoint: "/indicators/metadata" });
    const waiting = post(product.url, known);
    while (simulator.calls().byEndpoint["POST /indicators/metadata"] !== 1) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(await product.terminate()).toBe(0);
    const answer = await waiting;
    expect(answer.status).toBe(303);
    ({ id } = answer.body);
  }
  simulator.faults.clear();
  await using product = await startProduct(config, port);
  expect((await pollToTheEnd(product.url, id)).body.hits.length).toBeGreaterThan(0);
});

test("SIGTERM while the state file is being written anew ends as at any other time", async () => {
  await using folder = await tempFolder();
  await using simulator = await startTrustarSimulator({ latencyMs: 5_000 });
  const port = await freePort();
  const config = await folder.write("app.config", configText(simulator, port));
  await using product = await startProduct(config, port);
  const watching = (async () => {
    for await (const { filename } of watch(folder.path)) {
      if (/\.state\.[\da-f]+\.next$/.test(filename ?? "")) return await product.terminate();
    }
    return undefined;
  })();
  // It is written anew after the first twenty thousand.
  const numbers = Array.from({ length: 20_500 }, (_, at) => at).values();
  const postSome = async (): Promise<void> => {
    for (const at of numbers) await post(product.url, { type: "net.name", value: `h${at}.example` });
  };
  await Promise.allSettled(Array.from({ length: 30 }, postSome));
  expect(await watching).toBe(0);
  expect(await readFile(join(folder.path, "trustar-resilient.state"), "utf8")).toMatch(/\n\{"is":"end"\}\n$/);
}, 180_000);

test("refused credentials are an honest 503 and not ready, and the token endpoint is not hammered", async () => {
  await using folder = await tempFolder();
  await using simulator = await startTrustarSimulator();
  const port = await freePort();
  const text = configText(simulator, port, unhurried).replace(simulator.credentials.secret, "wrong-secret");
  await using product = await startProduct(await folder.write("app.config", text), port);

  for (let index = 0; index < 5; index += 1) {
    const answer = await post(product.url, { type: "net.ip", value: `203.0.113.${index + 1}` });
    expect(answer).toMatchObject({
      status: 503,
      body: { hits: [], error: expect.stringContaining("user_api_key") },
    });
  }
  const ready = await fetch(`${product.url}/ready`);
  expect(ready.status).toBe(503);
  expect(await ready.text()).toContain("user_api_key");
  expect((await fetch(`${product.url}/health`)).status).toBe(200);
  expect(simulator.calls().byEndpoint["POST /oauth/token"]).toBe(1);
  expect(product.output()).not.toContain("wrong-secret");
});

test("an enclave id that is wrong is told by the log, /ready and /metrics: its silence would look like clean", async () => {
  await using folder = await tempFolder();
  await using simulator = await startTrustarSimulator();
  const port = await freePort();
  const wrong = "00000000-0000-4000-8000-000000000000";
  const text = `${configText(simulator, port)}enclave_ids_for_search = ${simulator.enclaves[3]!.id}, ${wrong}\n`;
  await using product = await startProduct(await folder.write("app.config", text), port);
  while (!product.output().includes("can't be searched")) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(product.output()).toContain(`"unknown":["${wrong}"],"unreadable":[]`);
  expect(await (await fetch(`${product.url}/ready`)).json()).toMatchObject({
    ready: true,
    checks: { trustar: { ok: true, warning: expect.stringContaining(wrong) } },
  });
  expect(await (await fetch(`${product.url}/metrics`)).text()).toContain(
    "\ntrustar_enclaves_unsearchable 1\n",
  );
});

test("every problem of a configuration is told at once, with exit code 2 and without its secrets", async () => {
  await using folder = await tempFolder();
  const text = [
    "[webserver]",
    "port = eighty",
    "[custom_threat_service]",
    "max_retries = many",
    "[trustar_threat_source]",
    "user_api_key = ^no_such_entry_in_any_keyring",
    "user_api_secret = $NO_SUCH_VARIABLE",
    "min_priority = URGENT",
    "",
  ].join("\n");
  const config = await folder.write("app.config", text);
  const ended = await runProgram(["run", "--config", config]);
  expect(ended.code).toBe(2);
  for (const place of [
    "[webserver] port",
    "max_retries",
    "user_api_key",
    "user_api_secret",
    "min_priority",
  ]) {
    expect(ended.stderr).toContain(place);
  }
  expect(ended.stdout).toBe("");
});

test("when no configured enclave can be searched, /ready and look-ups say so: nothing is clean", async () => {
  await using folder = await tempFolder();
  await using simulator = await startTrustarSimulator();
  const port = await freePort();
  const config =
    configText(simulator, port, unhurried) +
    "enclave_ids_for_search = 00000000-0000-4000-8000-000000000000\n";
  await using product = await startProduct(await folder.write("app.config", config), port);
  let ready = await fetch(`${product.url}/ready`);
  while (ready.status !== 503) ready = await fetch(`${product.url}/ready`);
  expect(await ready.text()).toContain("none of the configured enclaves can be searched");
  const answer = await post(product.url, known);
  expect(answer.status).toBe(503);
  expect(answer.body.error).toContain("correct enclave_ids_for_search");
});
