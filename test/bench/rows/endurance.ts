import { setTimeout as sleep } from "node:timers/promises";
import { HeapWatch } from "../../support/heap-watch.js";
import { generated, type WireArtifact } from "../artifacts.js";
import { closedLoop, type Answered } from "../closed-loop.js";
import { getRequest, postRequest, servicePath } from "../requests.js";
import type { Row } from "../row.js";
import { openService, openSimulator, type Service, type Simulator } from "../scene.js";

const artifactsASecond = 200;
const knownOf = 20;
const connections = 8;
/** By then all that may be remembered is full: 10,000 results after a minute, 40,000 ids after less than four. */
const fullAfterMinutes = 4;
/** As many ids as results may have; with the default it would take a quarter of an hour to fill them. */
const settings = ["max_pending = 5000"];
const sourceSettings = ["calls_per_minute = 6000"];
const bound = { of: "ratio", atMost: 1.1 } as const;

/** Whether memory grows once all that may be remembered is full. Takes ten minutes: only when it is named. */
export const endurance: Row = {
  name: "endurance",
  onlyByName: true,
  measure: async ({ quick }) => {
    const minutes = quick ? fullAfterMinutes + 2 : 10;
    await using simulator = await openSimulator({});
    await using service = await openService(simulator, { settings, sourceSettings });
    const minuteByMinute = await load(service, simulator, minutes);
    const row = `${minutes} minutes with ${artifactsASecond} new artifacts a second`;
    const [early, late] = [fullAfterMinutes, minutes - 1].map((at) => minuteByMinute[at]);
    if (early === undefined || late === undefined) throw new Error("it did not last long enough");
    const [before, after] = [`in minute ${fullAfterMinutes + 1}`, "in the last minute"];
    return (["heap", "resident memory"] as const).flatMap((kind) => [
      { row, what: `${kind} ${before}`, unit: "MB", runs: [early[kind]] },
      {
        row,
        what: `${kind} ${after}`,
        unit: "MB",
        runs: [late[kind]],
        ratioTo: `${kind} ${before}`,
        target: bound,
      },
    ]);
  },
};

/** The least of a minute, in megabytes: what was left after collections. */
interface Memory {
  readonly heap: number;
  readonly "resident memory": number;
}

async function load(service: Service, simulator: Simulator, minutes: number): Promise<readonly Memory[]> {
  const heap = new HeapWatch(`http://127.0.0.1:${service.port}`);
  const over = new AbortController();
  const watching = heap.run(over.signal);
  const memory: Memory[] = [];
  let residentMb = Infinity;
  let ids: readonly string[] = [];
  for (let second = 0; second < minutes * 60; second += 1) {
    const next = sleep(1_000);
    const artifacts = Array.from({ length: artifactsASecond }, (_, at) =>
      generated(second * artifactsASecond + at),
    );
    await simulator.know(artifacts.filter((_, at) => at % knownOf === 0));
    ids = await oneSecond(service.port, artifacts, ids);
    await next;
    residentMb = Math.min(residentMb, service.process.residentMb());
    if (second % 60 === 59) {
      memory.push({ heap: heap.takeLeastMb(), "resident memory": residentMb });
      residentMb = Infinity;
    }
  }
  over.abort();
  await watching;
  return memory;
}

/** Posts these and fetches those of the second before. @returns the ids to fetch in the next one */
async function oneSecond(
  port: number,
  artifacts: readonly WireArtifact[],
  ids: readonly string[],
): Promise<readonly string[]> {
  const polls = ids.map((id) => getRequest(`${servicePath}/${id}`));
  const requests = [...artifacts.map((artifact) => postRequest(artifact)), ...polls].values();
  const pending: string[] = [];
  const onAnswer = ({ status, body }: Answered): void => {
    if (status >= 400) throw new Error(`refused: ${status} ${body}`);
    if (status === 303) pending.push((JSON.parse(body) as { readonly id: string }).id);
  };
  await closedLoop({ port, connections, next: () => requests.next().value, onAnswer });
  return pending;
}
