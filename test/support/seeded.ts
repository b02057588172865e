import { randomInt } from "node:crypto";

/** Random moments that can be had again: `SEED=<number>` in the environment (or another variable) repeats a run. */
export interface Seeded {
  readonly seed: number;
  /** From `min` to `max`, both included. */
  between(min: number, max: number): number;
}

/** @param otherwise for runs that shall be alike without being asked to */
export function startSeeded(variable = "SEED", otherwise = randomInt(1, 2 ** 31)): Seeded {
  const given = Number(process.env[variable]);
  const seed = Number.isInteger(given) && given > 0 ? given : otherwise;
  let state = seed;
  return {
    seed,
    between: (min, max) => {
      // mulberry32
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      const unit = ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
      return min + Math.floor(unit * (max - min + 1));
    },
  };
}
