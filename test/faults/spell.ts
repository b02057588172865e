import { setTimeout as sleep } from "node:timers/promises";
import type { Seeded } from "../support/seeded.js";
import type { Arena } from "./arena/arena.js";
import type { Lever, Pulled } from "./levers/lever.js";
import { ActionLoad } from "./load/action-load.js";
import { LookupLoad } from "./load/lookup-load.js";

/** What a spell left behind, for the checks. */
export interface Aftermath {
  readonly lookups: LookupLoad;
  readonly actions: ActionLoad;
}

export interface SpellOptions {
  readonly arena: Arena;
  readonly random: Seeded;
  /** Pulled one after the other, released in random order. */
  readonly levers: readonly Lever[];
  /** The number of the first artifact. */
  readonly first: number;
}

/** Artifacts that come before, during and after the fault. */
const before = 8;
const during = 8;
const after = 5;
const metWithinMs = 20_000;
const judgedWithinMs = 75_000;

/** Load; something breaks under it; load; it is mended; load; then everything that was asked gets its answer. */
export async function castSpell({ arena, random, levers, first }: SpellOptions): Promise<Aftermath> {
  const lookups = new LookupLoad(arena.program, random, first);
  const actions = new ActionLoad(arena.soar, random);
  lookups.start();
  actions.start();
  const pulled: { readonly lever: Lever; readonly state: Pulled }[] = [];
  try {
    await more(lookups, before);
    for (const lever of levers) {
      pulled.push({ lever, state: await lever.pull(arena, random) });
      await more(lookups, random.between(0, during));
    }
    for (const { lever, state } of pulled) {
      await until(() => state.hasBeenMet(), metWithinMs, `nothing met this: ${lever.name}`);
    }
    await more(lookups, during);
  } finally {
    while (pulled.length > 0) {
      const [{ state }] = pulled.splice(random.between(0, pulled.length - 1), 1) as [(typeof pulled)[number]];
      await state.release();
    }
  }
  await more(lookups, after);
  await actions.stop();
  lookups.stop();
  try {
    await until(
      () => lookups.unjudged === 0,
      judgedWithinMs,
      () => `${lookups.unjudged} artifacts have no verdict`,
    );
  } finally {
    await lookups.abandon();
  }
  await arena.soar.answered(judgedWithinMs);
  return { lookups, actions };
}

async function more(lookups: LookupLoad, count: number): Promise<void> {
  const target = lookups.posted + count;
  await until(() => lookups.posted >= target, metWithinMs, "the load does not go on");
}

export async function until(
  isTrue: () => boolean,
  withinMs: number,
  otherwise: string | (() => string),
): Promise<void> {
  const deadlineMs = performance.now() + withinMs;
  while (!isTrue()) {
    if (performance.now() > deadlineMs)
      throw new Error(typeof otherwise === "string" ? otherwise : otherwise());
    await sleep(20);
  }
}
