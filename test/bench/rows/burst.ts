import { setTimeout as sleep } from "node:timers/promises";
import { distinctArtifacts, knownAmong, type WireArtifact } from "../artifacts.js";
import { closedLoop, type LoadResult } from "../closed-loop.js";
import type { Measure } from "../measure.js";
import { printed, spawnScript } from "../processes.js";
import { getRequest, postRequest, servicePath } from "../requests.js";
import { repeat, type Row } from "../row.js";
import { openService, openSimulator, type Simulator } from "../scene.js";

const latencyMs = 100;
const connections = 32;
const between = { sweepsMs: 20 };
/** TruSTAR's own limit. */
const perMinute = 60;
const legacyArtifacts = 100;

const targets = [
  { artifacts: 100, seconds: 1, calls: 6 },
  { artifacts: 1_000, seconds: 3, calls: 20 },
  { artifacts: 5_000, seconds: 12, calls: 60 },
] as const;

/** What a burst came to. */
export interface Burst {
  /** Until the last verdict was fetched. */
  readonly seconds: number;
  /** Of POSTs and polls together. */
  readonly httpP99Ms: number;
  readonly hits: number;
  readonly calls: number;
  readonly byEndpoint: Readonly<Record<string, number>>;
}

/** Many artifacts at once, from a pool of threads that each wait for an answer before they post the next. */
export const burst: Row = {
  name: "burst",
  measure: async ({ runs, quick }) => {
    const measures: Measure[] = [];
    for (const target of targets) {
      if (quick && target.artifacts > 1_000) continue;
      const bursts = await repeat(runs, () => burstOf(target.artifacts));
      measures.push(...describe(target, bursts));
    }
    return [...measures, ...(await legacy(quick ? 20 : legacyArtifacts))];
  },
};

export async function burstOf(count: number): Promise<Burst> {
  const artifacts = distinctArtifacts(count);
  await using simulator = await openSimulator({ latencyMs, perMinute });
  await simulator.know(knownAmong(artifacts));
  await using service = await openService(simulator, { settings: ["max_retries = 1000"] });
  return await send(service.port, artifacts, simulator);
}

async function send(port: number, artifacts: readonly WireArtifact[], simulator: Simulator): Promise<Burst> {
  const startedMs = performance.now();
  let pending: string[] = [];
  let hits = 0;
  const note = ({ status, body }: { status: number; body: string }): void => {
    const { id, hits: found } = JSON.parse(body) as { id: string; hits: object[] };
    if (status === 303) pending.push(id);
    else if (status !== 200) throw new Error(`HTTP ${status}: ${body}`);
    else if (found.length > 0) hits += 1;
  };
  const loads: LoadResult[] = [];
  const load = async (requests: readonly string[]): Promise<void> => {
    const queue = requests.values();
    loads.push(
      await closedLoop({
        port,
        connections,
        next: () => queue.next().value,
        onAnswer: note,
      }),
    );
  };
  await load(artifacts.map((artifact) => postRequest(artifact)));
  while (pending.length > 0) {
    const polls = pending.map((id) => getRequest(`${servicePath}/${id}`));
    pending = [];
    await load(polls);
    if (pending.length > 0) await sleep(between.sweepsMs);
  }
  const seconds = (performance.now() - startedMs) / 1_000;
  const { total, byEndpoint } = await simulator.calls();
  return { seconds, hits, httpP99Ms: p99Of(loads), calls: total, byEndpoint };
}

/** The worst phase counts: thousands of quick polls must not hide slow POSTs. */
function p99Of(loads: readonly LoadResult[]): number {
  return Math.max(...loads.filter(({ requests }) => requests >= 100).map((load) => load.latencyMs(0.99)), 0);
}

function describe(target: (typeof targets)[number], bursts: readonly Burst[]): readonly Measure[] {
  const row = `burst of ${target.artifacts}`;
  const endpoints = [...new Set(bursts.flatMap(({ byEndpoint }) => Object.keys(byEndpoint)))];
  return [
    {
      row,
      what: "until the last verdict",
      unit: "s",
      runs: bursts.map(({ seconds }) => seconds),
      target: { of: "median", atMost: target.seconds },
    },
    {
      row,
      what: "HTTP p99",
      unit: "ms",
      runs: bursts.map(({ httpP99Ms }) => httpP99Ms),
      target: { of: "median", atMost: 50 },
    },
    {
      row,
      what: "upstream calls, token included",
      unit: "",
      runs: bursts.map(({ calls }) => calls),
      target: { of: "median", atMost: target.calls },
    },
    ...endpoints.map((endpoint) => ({
      row,
      what: endpoint,
      unit: "",
      runs: bursts.map(({ byEndpoint }) => byEndpoint[endpoint] ?? 0),
    })),
    { row, what: "artifacts with hits", unit: "", runs: bursts.map(({ hits }) => hits) },
  ];
}

/** The legacy searcher on the same simulator, without the limit: with it, it would wait a minute after 60 calls. */
async function legacy(count: number): Promise<readonly Measure[]> {
  const artifacts = distinctArtifacts(count);
  await using simulator = await openSimulator({ latencyMs });
  await simulator.know(knownAmong(artifacts));
  const script = new URL("../baselines/legacy-searcher.ts", import.meta.url);
  await using server = spawnScript(script, [simulator.url, simulator.key, simulator.secret]);
  const [port] = await printed(server, /port (\d+)\n/);
  const { seconds, httpP99Ms, calls, hits } = await send(Number(port), artifacts, simulator);
  const row = `burst of ${count}, model of the legacy searcher, no limit`;
  return [
    { row, what: "until the last verdict", unit: "s", runs: [seconds] },
    { row, what: "HTTP p99", unit: "ms", runs: [httpP99Ms] },
    { row, what: "upstream calls, token included", unit: "", runs: [calls] },
    { row, what: "artifacts with hits", unit: "", runs: [hits] },
  ];
}
