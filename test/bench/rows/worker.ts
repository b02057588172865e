import { freshQueue } from "../../support/link-harness.js";
import { freePort, startWorker, tempFolder } from "../../support/product.js";
import { replyQueueOf } from "../../support/platform-client.js";
import { startSoar } from "../../support/soar.js";
import { startTestBroker } from "../../support/test-broker.js";
import { connectPlainly } from "../../support/trustar-simulator/plain-client.js";
import { startTrustarSimulator } from "../../support/trustar-simulator/start-trustar-simulator.js";
import type { Measure } from "../measure.js";
import { printed, spawnScript } from "../processes.js";
import { repeat, type Row } from "../row.js";

const messages = 2_000;

/** The half that listens to the message destination. */
export const worker: Row = {
  name: "worker",
  measure: async ({ runs, quick }) => {
    const measures: Measure[] = [];
    for (const workers of [1, 25]) {
      const rates = await repeat(runs, () => functionsPerSecond(workers, quick ? 500 : messages));
      const target = { of: "median", atLeast: 500 } as const;
      measures.push({
        row: "function messages, upstreams that answer at once",
        what: `${workers} worker${workers === 1 ? "" : "s"}`,
        unit: "/s",
        runs: rates,
        ...(workers === 1 ? {} : { target }),
      });
    }
    for (const related of quick ? [3] : [3, 100]) measures.push(...(await enrichment(related)));
    return measures;
  },
};

async function functionsPerSecond(workers: number, count: number): Promise<number> {
  const broker = await startTestBroker();
  const queue = freshQueue();
  const platform = await broker.platform([replyQueueOf(queue)]);
  try {
    const script = new URL("../worker-child.ts", import.meta.url);
    await using child = spawnScript(script, [String(broker.port), queue, String(workers)]);
    await printed(child, /(listening)/);
    const body = {
      function: { name: "get_priority_score_of_indicator" },
      inputs: { trustar_artifact_value: "203.0.113.7" },
    };
    const startedMs = performance.now();
    for (let at = 0; at < count; at += 1) {
      void platform.post({ queue, body, correlationId: `invid:${at}`, payloadClass: "FunctionDataDTO" });
    }
    await platform.until(
      (replies) => replies.length >= count && platform.finalReplies.length >= count,
      60_000,
    );
    return (count * 1_000) / (performance.now() - startedMs);
  } finally {
    platform.close();
    await broker.close();
  }
}

/** CaseCreated on the built program: a report, its note, and the indicators that other reports relate to it. */
async function enrichment(related: number): Promise<readonly Measure[]> {
  await using folder = await tempFolder();
  await using trustar = await startTrustarSimulator();
  await using soar = await startSoar();
  const [enclave] = trustar.enclaves;
  const { key, secret } = trustar.credentials;
  const login = `url = ${trustar.url}\nuser_api_key = ${key}\nuser_api_secret = ${secret}`;
  const port = await freePort();
  const config = await folder.write(
    "app.config",
    `${await soar.section(folder.path)}
[trustar]
queue = trustar
[trustar_account_1]
${login}
enclave_ids_for_submission = ${enclave?.id ?? ""}
auto_submission = enable
workspace = Default workspace
`,
  );
  const others = Array.from({ length: related }, (_, at) => `45.9.${Math.floor(at / 200)}.${(at % 200) + 1}`);
  const client = await connectPlainly(trustar);
  const report = {
    title: "seen elsewhere",
    reportBody: `203.0.113.77 ${others.join(" ")}`,
    enclaveIds: [enclave?.id],
  };
  await client.call("POST", "/reports", { ...report, distributionType: "ENCLAVE" });
  await using product = await startWorker(config, port, "--only", "worker");
  soar.resilient.calls.clear();
  trustar.resetCalls();
  const startedMs = performance.now();
  const artifact = { type: { name: "IP Address" }, value: "203.0.113.77", description: "seen" };
  const { id } = soar.resilient.createIncident({ workspace: 1, artifacts: [artifact] }).dto;
  await soar.platform.until((replies) => replies.filter(({ complete }) => complete).length >= 2, 60_000);
  const seconds = (performance.now() - startedMs) / 1_000;
  await product.terminate();
  const added = soar.resilient.incident(id).artifacts.length - 1;
  const row = `new incident, ${added} of ${related} related indicators added`;
  return [
    { row, what: "until it is done", unit: "s", runs: [seconds] },
    { row, what: "Resilient REST calls", unit: "", runs: [soar.resilient.calls.all.length] },
    { row, what: "TruSTAR calls", unit: "", runs: [trustar.calls().total] },
  ];
}
