import { setTimeout as sleep } from "node:timers/promises";
import { distinctArtifacts, knownAmong } from "../artifacts.js";
import { sendArtifacts, toMeasures, type Burst } from "./burst.js";
import { repeat, type Row } from "../row.js";
import { savedLookups } from "../saved-state.js";
import { openService, openSimulator, type Simulator } from "../scene.js";

const count = 5_000;
const hour = 3_600_000;

/** Every 48 hours the platform posts the artifacts of all open incidents once more. */
export const rescan: Row = {
  name: "rescan",
  measure: async ({ runs, quick }) => {
    const warm = await repeat(runs, () => rescanOf(0));
    const measures = toMeasures("rescan of 5,000, all in the cache", warm, { calls: 0 });
    if (quick) return measures;
    const expired = await repeat(runs, () => rescanOf(48 * hour));
    return [...measures, ...toMeasures("rescan of 5,000, all expired", expired, { seconds: 12, calls: 60 })];
  },
};

/** The token, and the reading of the quota, belong to the start: they come once, whatever is scanned. */
async function callsOfTheStart(simulator: Simulator): Promise<void> {
  for (;;) {
    const { byEndpoint, inFlight } = await simulator.calls();
    if (byEndpoint["GET /request-quotas"] === 1 && inFlight === 0) return;
    await sleep(20);
  }
}

async function rescanOf(ageMs: number): Promise<Burst> {
  const artifacts = distinctArtifacts(count);
  await using simulator = await openSimulator({ latencyMs: 100, perMinute: 60 });
  await simulator.know(knownAmong(artifacts));
  const prepare = await savedLookups(simulator, artifacts, Date.now() - ageMs);
  await simulator.resetCalls();
  await using service = await openService(simulator, { prepare, settings: ["max_retries = 1000"] });
  await callsOfTheStart(simulator);
  await simulator.resetCalls();
  return await sendArtifacts(service, artifacts, simulator);
}
