import { fileURLToPath } from "node:url";
import type { Measure } from "../measure.js";
import { printed, spawnNode } from "../processes.js";
import type { Row } from "../row.js";

const counts = [100, 500, 1_000, 5_000, 10_000, 50_000];
const script = fileURLToPath(new URL("../growth-child.ts", import.meta.url));

/** How cost grows with the number of artifacts. It is counted, not timed: once is enough. */
export const growth: Row = {
  name: "growth",
  measure: async ({ quick }) => {
    const measures: Measure[] = [];
    for (const count of quick ? counts.slice(0, 4) : counts) {
      const args = ["--expose-gc", "--import", "tsx", script, String(count)];
      await using child = spawnNode({ args });
      const [calls, heap] = await printed(child, /calls (\d+) heap (-?[\d.]+)\n/);
      const row = `${count.toLocaleString("en")} distinct artifacts, the engine alone`;
      measures.push(
        { row, what: "upstream calls", unit: "", runs: [Number(calls)] },
        { row, what: "heap that stays", unit: "MB", runs: [Number(heap)] },
      );
    }
    return measures;
  },
};
