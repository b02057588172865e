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
  /** Whether each fault must have been met, or one is enough: of two at once the one may hide the other. Default: each. */
  readonly meets?: "each" | "one";
  readonly pace?: Pace;
}

export interface Pace {
  /** Artifacts that come before, during and, half as many, after the fault. */
  readonly artifacts: number;
  readonly artifactEveryMs: number;
  readonly actionEveryMs: number;
  /** How long everything may take to get its answer. */
  readonly answeredWithinMs: number;
}

const quick: Pace = { artifacts: 8, artifactEveryMs: 50, actionEveryMs: 400, answeredWithinMs: 75_000 };
const metWithinMs = 20_000;

/** Load; something breaks under it; load; it is mended; load; then everything that was asked gets its answer. */
export async function castSpell(options: SpellOptions): Promise<Aftermath> {
  const { arena, random, first, pace = quick } = options;
  const { artifacts, answeredWithinMs } = pace;
  const lookups = new LookupLoad(arena.program, random, first, pace.artifactEveryMs);
  const actions = new ActionLoad(arena.soar, random, pace.actionEveryMs);
  lookups.start();
  actions.start();
  try {
    await more(lookups, artifacts, pace);
    await breakAndMend(options, lookups);
    await more(lookups, artifacts / 2, pace);
    await actions.stop();
    lookups.stop();
    const lacking = () => `${lookups.unjudged} artifacts have no verdict`;
    await until(() => lookups.unjudged === 0, answeredWithinMs, lacking);
    await arena.soar.answered(answeredWithinMs);
  } finally {
    await actions.stop();
    await lookups.abandon();
  }
  return { lookups, actions };
}

async function breakAndMend(
  { arena, random, levers, meets = "each", pace = quick }: SpellOptions,
  lookups: LookupLoad,
): Promise<void> {
  const pulled: { readonly name: string; readonly state: Pulled }[] = [];
  try {
    for (const lever of levers) {
      pulled.push({ name: lever.name, state: await lever.pull(arena, random) });
      await more(lookups, random.between(0, pace.artifacts), pace);
    }
    const unmet = () => pulled.filter(({ state }) => !state.hasBeenMet());
    const enough = meets === "each" ? 0 : Math.max(0, levers.length - 1);
    await until(
      () => unmet().length <= enough,
      metWithinMs,
      () =>
        `nothing met this: ${unmet()
          .map(({ name }) => name)
          .join("; ")}`,
    );
    await more(lookups, pace.artifacts, pace);
  } finally {
    while (pulled.length > 0) {
      const [one] = pulled.splice(random.between(0, pulled.length - 1), 1);
      await one?.state.release();
    }
  }
}

async function more(lookups: LookupLoad, count: number, { artifactEveryMs }: Pace): Promise<void> {
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
