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
  /** Names of the faults that the program has met. */
  readonly met: readonly string[];
}

export interface SpellOptions {
  readonly arena: Arena;
  readonly random: Seeded;
  /** Pulled one after the other, released in random order. */
  readonly levers: readonly Lever[];
  /** The number of the first artifact. */
  readonly first: number;
  /**
   * Which faults must have been met: each (the default); one, where of two at once the one may hide the other; any, where
   * a light load may miss them, and those that it met are counted.
   */
  readonly meets?: "each" | "one" | "any";
  readonly pace?: Pace;
}

export interface Pace {
  /** Artifacts that come before, during and, half as many, after the fault. */
  readonly artifacts: number;
  readonly artifactEveryMs: number;
  readonly actionEveryMs: number;
  /** How long it may take until a fault is met: where calls wait for TruSTAR's limits, a while. */
  readonly metWithinMs: number;
  /** How long everything may take to get its answer. */
  readonly answeredWithinMs: number;
}

const quick: Pace = {
  artifacts: 8,
  artifactEveryMs: 50,
  actionEveryMs: 400,
  metWithinMs: 20_000,
  answeredWithinMs: 75_000,
};

/** Load; something breaks under it; load; it is mended; load; then everything that was asked gets its answer. */
export async function castSpell(options: SpellOptions): Promise<Aftermath> {
  const { arena, random, first, pace = quick } = options;
  const { artifacts, answeredWithinMs } = pace;
  const lookups = new LookupLoad(arena.program, random, first, pace.artifactEveryMs);
  const actions = new ActionLoad(arena.soar, random, pace.actionEveryMs);
  lookups.start();
  actions.start();
  let met: readonly string[];
  try {
    await more(lookups, artifacts, pace);
    met = await breakAndMend(options, lookups);
    await more(lookups, artifacts / 2, pace);
    await actions.stop();
    lookups.stop();
    const lacking = () => `${lookups.unjudged} artifacts have no verdict`;
    await until(() => lookups.unjudged === 0, answeredWithinMs, lacking);
    await arena.soar.answered(answeredWithinMs);
    await arena.soar.replies.until((replies) => {
      const answered = new Set(replies.map(({ correlationId }) => correlationId));
      return actions.strangers.every((id) => answered.has(id));
    }, answeredWithinMs);
  } finally {
    await actions.stop();
    await lookups.abandon();
  }
  return { lookups, actions, met };
}

interface Broken {
  readonly name: string;
  readonly state: Pulled;
}

/** @returns the names of the faults that were met */
async function breakAndMend(options: SpellOptions, lookups: LookupLoad): Promise<readonly string[]> {
  const { arena, random, levers, pace = quick } = options;
  const pulled: Broken[] = [];
  try {
    for (const lever of levers) {
      pulled.push({ name: lever.name, state: await lever.pull(arena, random) });
      await more(lookups, random.between(0, pace.artifacts), pace);
    }
    await untilMet(pulled, options);
    await more(lookups, pace.artifacts, pace);
    return namesOf(pulled, true);
  } finally {
    while (pulled.length > 0) {
      const [one] = pulled.splice(random.between(0, pulled.length - 1), 1);
      await one?.state.release();
    }
  }
}

async function untilMet(
  pulled: readonly Broken[],
  { meets = "each", pace = quick }: SpellOptions,
): Promise<void> {
  const mayMiss = meets === "one" ? Math.max(0, pulled.length - 1) : 0;
  const isEnough = () => namesOf(pulled, false).length <= mayMiss;
  const otherwise = () => `nothing met this: ${namesOf(pulled, false).join("; ")}`;
  await until(isEnough, pace.metWithinMs, otherwise).catch((error: unknown) => {
    if (meets !== "any") throw error;
  });
}

function namesOf(pulled: readonly Broken[], met: boolean): readonly string[] {
  return pulled.filter(({ state }) => state.hasBeenMet() === met).map(({ name }) => name);
}

async function more(
  lookups: LookupLoad,
  count: number,
  { artifactEveryMs, metWithinMs }: Pace,
): Promise<void> {
  const target = lookups.posted + count;
  const withinMs = 10 * count * artifactEveryMs + metWithinMs;
  await until(() => lookups.posted >= target, withinMs, "the load does not go on");
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
