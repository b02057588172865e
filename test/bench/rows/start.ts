import { setTimeout as sleep } from "node:timers/promises";
import { servicePath } from "../requests.js";
import { repeat, type Row } from "../row.js";
import { beginService, openSimulator, type Simulator } from "../scene.js";

/** From the start of the process to its first answer to an artifact. */
export const start: Row = {
  name: "start",
  measure: async ({ runs }) => {
    await using simulator = await openSimulator({});
    const seconds = await repeat(runs, () => untilFirstAnswer(simulator));
    const target = { of: "median", atMost: 1.5 } as const;
    return [{ row: "start", what: "until the first answer to a POST", unit: "s", runs: seconds, target }];
  },
};

async function untilFirstAnswer(simulator: Simulator): Promise<number> {
  const startedMs = performance.now();
  await using service = await beginService(simulator);
  const body = JSON.stringify({ type: "net.ip", value: "203.0.113.7" });
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${service.port}${servicePath}`, {
      method: "POST",
      body,
    }).catch(() => undefined);
    if (answer !== undefined) return (performance.now() - startedMs) / 1_000;
    await sleep(5);
  }
}
