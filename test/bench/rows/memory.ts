import { generated } from "../artifacts.js";
import { closedLoop } from "../closed-loop.js";
import type { Measure, Target } from "../measure.js";
import { postRequest } from "../requests.js";
import { repeat, type Row } from "../row.js";
import { savedLookups } from "../saved-state.js";
import { openService, openSimulator, type Simulator } from "../scene.js";

const sizes: readonly { readonly results: number; readonly target?: Target }[] = [
  { results: 0, target: { of: "median", atMost: 120 } },
  { results: 10_000, target: { of: "median", atMost: 250 } },
  { results: 100_000 },
];

/** What the results of look-ups take. */
export const memory: Row = {
  name: "memory",
  measure: async ({ runs, quick }) => {
    await using simulator = await openSimulator({});
    const measures: Measure[] = [];
    for (const { results, target } of sizes) {
      if (quick && results > 10_000) continue;
      const residentMb = await repeat(results > 10_000 ? 1 : runs, () => residentWith(results, simulator));
      measures.push({
        row: "resident memory",
        what: `${results.toLocaleString("en")} results in the cache`,
        unit: "MB",
        runs: residentMb,
        ...(target === undefined ? {} : { target }),
      });
    }
    return measures;
  },
};

async function residentWith(results: number, simulator: Simulator): Promise<number> {
  const artifacts = Array.from({ length: results }, (_, at) => generated(at));
  const prepare = await savedLookups(simulator, artifacts, Date.now());
  await using service = await openService(simulator, {
    prepare,
    settings: [`cache_size = ${Math.max(results, 10_000)}`],
  });
  // Each of them has been asked for once more, up to what the platform has open.
  const posts = artifacts
    .slice(0, 10_000)
    .map((artifact) => postRequest(artifact))
    .values();
  const { byStatus } = await closedLoop({
    port: service.port,
    connections: 16,
    next: () => posts.next().value,
  });
  if (results > 0 && byStatus.size !== 1) throw new Error("results are missing from the cache");
  return service.process.residentMb();
}
