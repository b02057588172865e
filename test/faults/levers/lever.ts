import type { Seeded } from "../../support/seeded.js";
import type { Arena } from "../arena/arena.js";

/** Something broken on purpose. */
export interface Pulled {
  /** Whether the program has met it: a fault that nobody notices proves nothing. */
  hasBeenMet(): boolean;
  /** Mends it. */
  release(): Promise<void>;
}

export interface Lever {
  readonly name: string;
  pull(arena: Arena, random: Seeded): Promise<Pulled>;
}

/** For what is broken once and mends itself. */
export const nothingToMend = (): Promise<void> => Promise.resolve();
