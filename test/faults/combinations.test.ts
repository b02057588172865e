import { jest } from "@jest/globals";
import { startSeeded } from "../support/seeded.js";
import { BROKER_START_MS } from "../support/test-broker.js";
import { findings } from "./aftermath.js";
import { openArena, type Arena } from "./arena/arena.js";
import { drawLevers } from "./levers/all-levers.js";
import { castSpell } from "./spell.js";

jest.setTimeout(3 * BROKER_START_MS);

/** `FAULT_ROUNDS=<number>` in the environment makes it longer. */
const rounds = Number(process.env["FAULT_ROUNDS"] ?? 6);
const random = startSeeded("FAULT_SEED");

describe(`several things break at once (FAULT_SEED=${random.seed})`, () => {
  let arena: Arena;
  let first = 1;

  beforeAll(async () => {
    arena = await openArena();
  });

  afterAll(() => arena[Symbol.asyncDispose]());

  const drawn = Array.from({ length: rounds }, (_, round) => ({
    round,
    levers: drawLevers(random, { atLeast: 2, atMost: 4, mayRestart: true }),
  }));
  const titled = drawn.map(({ round, levers }) => ({
    levers,
    title: `${round + 1}: ${levers.map(({ name }) => name).join("; ")}`,
  }));

  test.each(titled)("$title", async ({ levers }) => {
    await arena.program.terminate();
    await arena.program.start();
    const aftermath = await castSpell({ arena, random, levers, first, meets: "one" });
    first = aftermath.lookups.next;
    expect(await findings(arena, aftermath)).toEqual([]);
  });
});
