/**
 * `npm run soak -- --minutes 60 --seed 1`: mixed traffic with faults on the built program, for as long as one likes.
 * For two thirds of the time one process has to stand it all; then it is also killed, stopped and its files are damaged.
 * Needs what the fault suite needs. Exit code 1 when anything was lost, doubled, leaked or told wrong.
 */
import { parseArgs } from "node:util";
import { MINUTE_MS, SECOND_MS } from "../../src/core/time.js";
import { startSeeded, type Seeded } from "../support/seeded.js";
import { findings } from "../faults/aftermath.js";
import { openArena, type Arena } from "../faults/arena/arena.js";
import { drawLevers } from "../faults/levers/all-levers.js";
import { castSpell, type Pace } from "../faults/spell.js";
import { HeapWatch } from "../support/heap-watch.js";
import { SoakTally } from "./soak-tally.js";

const pace: Pace = {
  artifacts: 120,
  artifactEveryMs: 100,
  actionEveryMs: 20 * SECOND_MS,
  metWithinMs: 3 * MINUTE_MS,
  answeredWithinMs: 12 * MINUTE_MS,
};

const { values } = parseArgs({
  options: { minutes: { type: "string", default: "60" }, seed: { type: "string" } },
});
if (values.seed !== undefined) process.env["SOAK_SEED"] = values.seed;
const random = startSeeded("SOAK_SEED");
const lastsMs = Number(values.minutes) * MINUTE_MS;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

say(`${values.minutes} minutes, seed ${random.seed}`);
// As TruSTAR allows by default: the load has to find room in it. All that is remembered is full after some ten minutes,
// so that what grows afterwards is a leak.
const arena = await openArena({ callsPerMinute: 60, roomFor: 1_000 });
const heap = new HeapWatch(arena.program.url);
const over = new AbortController();
const watching = heap.run(over.signal);
try {
  const tally = await soak(arena, random);
  for (const line of tally.summary()) say(line);
  process.exitCode = tally.found.length === 0 ? 0 : 1;
} catch (error) {
  const why = error instanceof Error ? error.message : String(error);
  say(`${why}; the program's last words:\n${arena.program.output().slice(-8_000)}`);
  process.exitCode = 1;
} finally {
  over.abort();
  await watching;
  await arena[Symbol.asyncDispose]();
}

async function soak(where: Arena, dice: Seeded): Promise<SoakTally> {
  const tally = new SoakTally();
  let first = 1;
  const beganMs = performance.now();
  for (let round = 1; performance.now() - beganMs < lastsMs; round += 1) {
    const mayRestart = performance.now() - beganMs > (2 * lastsMs) / 3;
    const levers = drawLevers(dice, { atLeast: 0, atMost: 3, mayRestart });
    say(`next: ${levers.map(({ name }) => name).join("; ")}`);
    const aftermath = await castSpell({ arena: where, random: dice, levers, first, meets: "any", pace });
    first = aftermath.lookups.next;
    const found = await findings(where, aftermath, { ...pace, clicks: 10 });
    const size = await where.program.size();
    const heapMb = heap.takeLeastMb();
    tally.add({ atMs: performance.now() - beganMs, levers, aftermath, found, size, heapMb, mayRestart });
    say(tally.lastRound());
  }
  return tally;
}
