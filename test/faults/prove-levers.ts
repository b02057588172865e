import { jest } from "@jest/globals";
import { startSeeded } from "../support/seeded.js";
import { BROKER_START_MS } from "../support/test-broker.js";
import { findings } from "./aftermath.js";
import { openArena, type Arena, type ArenaOptions } from "./arena/arena.js";
import type { Size } from "./arena/program.js";
import type { Lever } from "./levers/lever.js";
import { shrinksBackTo } from "./size-check.js";
import { castSpell } from "./spell.js";

export interface ProofOptions extends Pick<ArenaOptions, "viaProxy" | "login"> {
  /** A program that starts anew before each lever: its patience with a flapping broker would take minutes. */
  readonly fresh?: boolean;
}

/**
 * Each lever is pulled under load, in a test of its own; what must hold is looked at after each. A dozen of them at
 * most: a program that is not started anew keeps to TruSTAR's 1,000 calls in five minutes, and then everything waits.
 */
export function proveLevers(
  title: string,
  levers: readonly Lever[],
  { fresh = false, ...options }: ProofOptions = {},
): void {
  jest.setTimeout(3 * BROKER_START_MS);
  const random = startSeeded("FAULT_SEED");
  describe(`${title} (FAULT_SEED=${random.seed})`, () => {
    let arena: Arena;
    let first = 1;
    let sizeBefore: Size;

    const prove = async (some: readonly Lever[]): Promise<void> => {
      const aftermath = await castSpell({ arena, random, levers: some, first });
      first = aftermath.lookups.next;
      expect(await findings(arena, aftermath)).toEqual([]);
    };

    beforeAll(async () => {
      arena = await openArena(options);
    });

    afterAll(() => arena[Symbol.asyncDispose]());

    test("nothing is wrong with load alone", async () => {
      await prove([]);
      sizeBefore = await arena.program.size();
    });

    test.each(levers.map((lever) => [lever.name, lever] as const))("%s", async (_name, lever) => {
      if (fresh) {
        await arena.program.terminate();
        await arena.program.start();
      }
      await prove([lever]);
    });

    test("afterwards the program holds as many files, sockets and as much memory as before", async () => {
      expect(await shrinksBackTo(sizeBefore, arena.program)).toBeUndefined();
    });
  });
}
