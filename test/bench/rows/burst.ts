import { setTimeout as sleep } from "node:timers/promises";
import { distinctArtifacts, knownAmong, type WireArtifact } from "../artifacts.js";
import { closedLoop, latencyOf, type LoadResult } from "../closed-loop.js";
import type { Measure, Target } from "../measure.js";
import { printed, spawnScript, type Running } from "../processes.js";
import { getRequest, postRequest, servicePath } from "../requests.js";
import { repeat, type Row } from "../row.js";
import { openBaseline, openService, openSimulator, type Simulator } from "../scene.js";

const latencyMs = 100;
const connections = 32;
const sweepMs = 20;
/** TruSTAR's own limit. */
const perMinute = 60;
const legacyArtifacts = 50;

const targets = [
  { artifacts: 100, seconds: 1, calls: 6 },
  { artifacts: 1_000, seconds: 3, calls: 20 },
  { artifacts: 5_000, seconds: 12, calls: 60 },
] as const;

/** What a burst came to. */
export interface Burst {
  /** Until the last verdict was fetched. */
  readonly seconds: number;
  /** Of the POSTs or of the polls, whichever is higher. */
  readonly httpP99Ms: number;
  /** The slowest of all answers: a single stop delays too few of thousands for p99 to show it. */
  readonly httpMaxMs: number;
  readonly hits: number;
  readonly calls: number;
  readonly byEndpoint: Readonly<Record<string, number>>;
  readonly residentMb: number;
}

/** When a look-up is asked for again that `retry_secs` was told of. */
type PollAfterMs = (retrySecs: number) => number;

/** Tells when verdicts are there. */
const impatient: PollAfterMs = () => sweepMs;
/** Tells when the platform sees them. */
const asTold: PollAfterMs = (retrySecs) => retrySecs * 1_000;

/** Many artifacts at once, from a pool of threads that each wait for an answer before they post the next. */
export const burst: Row = {
  name: "burst",
  measure: async ({ runs, quick }) => {
    const measures: Measure[] = [];
    for (const target of targets) {
      if (quick && target.artifacts > 1_000) continue;
      const bursts = await repeat(runs, () => burstOf(target.artifacts));
      const row = `burst of ${target.artifacts}`;
      const express = await repeat(runs, () => expressP99Ms(target.artifacts));
      measures.push(...toMeasures(row, bursts, target));
      measures.push({
        row,
        what: "HTTP p99 of POSTs to bare Express 5, just started, too",
        unit: "ms",
        runs: express,
      });
      const seen = await repeat(1, () => burstOf(target.artifacts, asTold)); // whole seconds are the same each time
      const what = "until the last verdict, polled as `retry_secs` says";
      measures.push({ row, what, unit: "s", runs: seen.map(({ seconds }) => seconds) });
    }
    return [...measures, ...(await legacy(quick ? 20 : legacyArtifacts))];
  },
};

export async function burstOf(count: number, pollAfterMs = impatient): Promise<Burst> {
  const artifacts = distinctArtifacts(count);
  await using simulator = await openSimulator({ latencyMs, perMinute });
  await simulator.know(knownAmong(artifacts));
  await using service = await openService(simulator, { settings: ["max_retries = 1000"] });
  return await sendArtifacts(service, artifacts, simulator, pollAfterMs);
}

interface Server {
  readonly port: number;
  readonly process: Running;
}

/** Posts them all, then polls until each has its verdict. */
export async function sendArtifacts(
  server: Server,
  artifacts: readonly WireArtifact[],
  simulator: Simulator,
  pollAfterMs = impatient,
): Promise<Burst> {
  const { port } = server;
  const startedMs = performance.now();
  let pending: { readonly id: string; readonly dueMs: number }[] = [];
  let hits = 0;
  const note = ({ status, body }: { status: number; body: string }): void => {
    const answer = JSON.parse(body) as { id: string; hits: object[]; retry_secs: number };
    const { id, hits: found, retry_secs: retrySecs } = answer;
    if (status === 303) pending.push({ id, dueMs: performance.now() + pollAfterMs(retrySecs) });
    else if (status !== 200) throw new Error(`HTTP ${status}: ${body}`);
    else if (found.length > 0) hits += 1;
  };
  const load = (requests: readonly string[]): Promise<LoadResult> => {
    const queue = requests.values();
    return closedLoop({ port, connections, next: () => queue.next().value, onAnswer: note });
  };
  const posts = await load(artifacts.map((artifact) => postRequest(artifact)));
  const polls: LoadResult[] = [];
  while (pending.length > 0) {
    await sleep(Math.max(0, Math.min(...pending.map(({ dueMs }) => dueMs)) - performance.now()));
    const nowMs = performance.now();
    const due = pending.filter(({ dueMs }) => dueMs <= nowMs);
    pending = pending.filter(({ dueMs }) => dueMs > nowMs);
    polls.push(await load(due.map(({ id }) => getRequest(`${servicePath}/${id}`))));
  }
  const seconds = (performance.now() - startedMs) / 1_000;
  const { total, byEndpoint } = await simulator.calls();
  return {
    seconds,
    hits,
    httpMaxMs: Math.max(...[posts, ...polls].map((load) => latencyOf(load.latenciesMs, 1))),
    httpP99Ms: Math.max(p99Of([posts]), p99Of(polls)), // thousands of quick polls must not hide slow POSTs
    calls: total,
    byEndpoint,
    residentMb: server.process.residentMb(),
  };
}

function p99Of(loads: readonly LoadResult[]): number {
  const latenciesMs = Float64Array.from(loads.flatMap((load) => [...load.latenciesMs])).sort();
  return latencyOf(latenciesMs, 0.99);
}

/** What Express itself takes for the same POSTs when it has just been started, too: its code is as cold. */
async function expressP99Ms(count: number): Promise<number> {
  await using express = await openBaseline("bare-express", {});
  const posts = distinctArtifacts(count)
    .map((artifact) => postRequest(artifact))
    .values();
  return p99Of([await closedLoop({ port: express.port, connections, next: () => posts.next().value })]);
}

interface BurstTargets {
  readonly seconds?: number;
  readonly calls: number;
}

export function toMeasures(row: string, bursts: readonly Burst[], targets: BurstTargets): readonly Measure[] {
  const atMost = (bound: number | undefined): { target?: Target } =>
    bound === undefined ? {} : { target: { of: "median", atMost: bound } };
  const measure = (what: string, unit: string, read: (burst: Burst) => number, bound?: number): Measure => ({
    row,
    what,
    unit,
    runs: bursts.map(read),
    ...atMost(bound),
  });
  const endpoints = [...new Set(bursts.flatMap(({ byEndpoint }) => Object.keys(byEndpoint)))];
  return [
    measure("until the last verdict", "s", ({ seconds }) => seconds, targets.seconds),
    measure("HTTP p99", "ms", ({ httpP99Ms }) => httpP99Ms, 50),
    measure("slowest HTTP answer", "ms", ({ httpMaxMs }) => httpMaxMs),
    measure("upstream calls, token included", "", ({ calls }) => calls, targets.calls),
    ...endpoints.map((endpoint) => measure(endpoint, "", ({ byEndpoint }) => byEndpoint[endpoint] ?? 0)),
    measure("artifacts with hits", "", ({ hits }) => hits),
    measure("resident memory afterwards", "MB", ({ residentMb }) => residentMb),
  ];
}

/** The legacy searcher on the same simulator, without the limit: with it, it would wait a minute after 60 calls. */
async function legacy(count: number): Promise<readonly Measure[]> {
  const artifacts = distinctArtifacts(count);
  await using simulator = await openSimulator({ latencyMs });
  await simulator.know(knownAmong(artifacts));
  const script = new URL("../baselines/legacy-searcher.ts", import.meta.url);
  await using process = spawnScript(script, [simulator.url, simulator.key, simulator.secret]);
  const [port] = await printed(process, /port (\d+)\n/);
  const { seconds, httpP99Ms, calls, hits } = await sendArtifacts(
    { port: Number(port), process },
    artifacts,
    simulator,
  );
  const row = `burst of ${count}, model of the legacy searcher, no limit`;
  return [
    { row, what: "until the last verdict", unit: "s", runs: [seconds] },
    { row, what: "HTTP p99", unit: "ms", runs: [httpP99Ms] },
    { row, what: "upstream calls, token included", unit: "", runs: [calls] },
    { row, what: "artifacts with hits", unit: "", runs: [hits] },
  ];
}
