import { jest } from "@jest/globals";
import { startSeeded } from "../support/seeded.js";
import { BROKER_START_MS } from "../support/test-broker.js";
import { findings } from "./aftermath.js";
import { openArena, type Arena } from "./arena/arena.js";
import type { Lever } from "./levers/lever.js";
import { castSpell } from "./spell.js";

/** One program for all of them, each in a test of its own. */
export function proveLevers(title: string, levers: readonly Lever[]): void {
  jest.setTimeout(2 * BROKER_START_MS);
  const random = startSeeded("FAULT_SEED");
  describe(`${title} (FAULT_SEED=${random.seed})`, () => {
    let arena: Arena;
    let first = 1;

    beforeAll(async () => {
      arena = await openArena();
    });

    afterAll(() => arena[Symbol.asyncDispose]());

    test.each(levers.map((lever) => [lever.name, lever] as const))("%s", async (_name, lever) => {
      const aftermath = await castSpell({ arena, random, levers: [lever], first });
      first = aftermath.lookups.next;
      expect(await findings(arena, aftermath)).toEqual([]);
    });
  });
}
