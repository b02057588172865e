import { readFile, truncate, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { MINUTE_MS } from "../../../src/core/time.js";
import type { Arena } from "../arena/arena.js";
import type { Program } from "../arena/program.js";
import { nothingToMend, type Lever } from "./lever.js";

const stateFile = "lookups.state";
const files = [stateFile, "lookups.written", "lookups.answers"];

export const hostLevers: readonly Lever[] = [
  {
    name: "DNS fails",
    pull: async ({ house, trustarWay, brokerWay, program }) => {
      await house.resolveNames(false);
      const before = program.output().length;
      // Only who connects anew has to ask.
      trustarWay.wire.cut();
      brokerWay.wire.cut();
      return {
        hasBeenMet: () => /ENOTFOUND|EAI_AGAIN/.test(program.output().slice(before)),
        release: () => house.resolveNames(true),
      };
    },
  },
  {
    name: "the disk is full",
    pull: async ({ house, program }) => {
      const before = program.output().length;
      await house.fillDisk();
      return {
        hasBeenMet: () => program.output().slice(before).includes("ENOSPC"),
        release: () => house.emptyDisk(),
      };
    },
  },
  ...["+1h", "-1h", "+3d", "-3d"].map((offset): Lever => ({
    name: `the clock jumps by ${offset}`,
    pull: async ({ clock, program }) => {
      await clock.jump(offset);
      const atLeastMs = Math.abs(Number.parseInt(offset, 10)) * 50 * MINUTE_MS;
      const released = new AbortController();
      let hasJumped = false;
      const looking = untilItTells(program, released.signal, (ms) => Math.abs(ms - Date.now()) > atLeastMs);
      void looking.then((seen) => (hasJumped = seen));
      return {
        hasBeenMet: () => hasJumped,
        release: async () => {
          released.abort();
          await looking;
          await clock.jump("+0");
        },
      };
    },
  })),
];

/** The program is killed, its files are damaged, it is started again. */
export const damageLevers: readonly Lever[] = [
  damage("cut in half", async (path) => {
    await truncate(path, Math.floor((await readFile(path)).length / 2));
  }),
  damage("emptied", (path) => truncate(path, 0)),
  damage("overwritten with garbage", async (path, random) => {
    const length = (await readFile(path)).length;
    await writeFile(path, Buffer.from(Array.from({ length }, () => random.between(0, 255))));
  }),
  damage("damaged in the middle", async (path, random) => {
    const bytes = await readFile(path);
    for (let n = 0; n < 20; n += 1)
      bytes[random.between(Math.min(200, bytes.length - 1), bytes.length - 1)] = 0;
    await writeFile(path, bytes);
  }),
];

function damage(
  how: string,
  spoil: (path: string, random: Parameters<Lever["pull"]>[1]) => Promise<void>,
): Lever {
  return {
    name: `the program is killed and what it keeps is ${how}`,
    pull: async ({ program, house }: Arena, random) => {
      await program.kill();
      for (const file of files) await spoil(house.file(file), random);
      const before = program.output().length;
      await program.start();
      const tells = /"level":"(?:warn|error)".*state file/;
      return { hasBeenMet: () => tells.test(program.output().slice(before)), release: nothingToMend };
    },
  };
}

/** Asks the program for the time, which each of its answers tells. @returns whether it told such a one */
async function untilItTells(
  { url }: Program,
  signal: AbortSignal,
  isIt: (ms: number) => boolean,
): Promise<boolean> {
  while (!signal.aborted) {
    const answer = await fetch(`${url}/health`, { signal }).catch(() => undefined);
    await answer?.body?.cancel();
    if (isIt(Date.parse(answer?.headers.get("date") ?? ""))) return true;
    await sleep(100);
  }
  return false;
}
