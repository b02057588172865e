import { setTimeout as sleep } from "node:timers/promises";
import { distinctArtifacts, knownAmong } from "../artifacts.js";
import { closedLoop } from "../closed-loop.js";
import { getRequest, postRequest, servicePath } from "../requests.js";
import { repeat, type Row } from "../row.js";
import { openService, openSimulator, type Simulator } from "../scene.js";

/** The smallest quota that TruSTAR sells. */
const perDay = 300;
/** The whole of it would take five minutes at 60 calls a minute. */
const callsPerMinute = 6_000;
const offered = 36_000;
const quietMs = 3_000;

/** How far a day's quota reaches. */
export const quota: Row = {
  name: "quota",
  measure: async () => {
    const served = await repeat(1, servedWithin); // counted, not timed: once is enough
    return [
      {
        row: `daily quota of ${perDay} calls`,
        what: "distinct artifacts answered",
        unit: "",
        runs: served,
        target: { of: "median", atLeast: 20_000 },
      },
    ];
  },
};

async function servedWithin(): Promise<number> {
  const artifacts = distinctArtifacts(offered);
  await using simulator = await openSimulator({ latencyMs: 20, perDay });
  await simulator.know(knownAmong(artifacts));
  await using service = await openService(simulator, {
    settings: ["max_retries = 1000"],
    sourceSettings: [`calls_per_minute = ${callsPerMinute}`],
  });
  const { port } = service;
  const posts = artifacts.map((artifact) => postRequest(artifact)).values();
  const ids: string[] = [];
  await closedLoop({
    port,
    connections: 32,
    next: () => posts.next().value,
    onAnswer: ({ body }) => ids.push((JSON.parse(body) as { id: string }).id),
  });
  await untilNoMoreCalls(simulator);
  const polls = ids.map((id) => getRequest(`${servicePath}/${id}`)).values();
  const { byStatus } = await closedLoop({ port, connections: 32, next: () => polls.next().value });
  return byStatus.get(200) ?? 0;
}

/** The last call has been made, or none has for a while. */
async function untilNoMoreCalls(simulator: Simulator): Promise<void> {
  let [seen, seenAtMs] = [-1, performance.now()];
  for (;;) {
    const { byEndpoint, inFlight } = await simulator.calls();
    const costly = Object.entries(byEndpoint).filter(([endpoint]) =>
      endpoint.startsWith("POST /indicators/"),
    );
    const asked = costly.reduce((sum, [, calls]) => sum + calls, 0);
    if (asked !== seen) [seen, seenAtMs] = [asked, performance.now()];
    const isOver = asked >= perDay || performance.now() - seenAtMs > quietMs;
    if (isOver && inFlight === 0) return;
    await sleep(100);
  }
}
