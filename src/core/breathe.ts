import { setImmediate } from "node:timers/promises";

/** Longer than this nothing else of the process should have to wait. */
const longestTurnMs = 20;

let turnBeganMs = 0;
let nextTurn: Promise<void> | undefined;

/**
 * To be awaited between the pieces of long work: gives the loop back when this turn of it has been used up, by whatever
 * work. Timers, connections and /health of the same process then go on.
 */
export async function breathe(): Promise<void> {
  while (performance.now() - turnBeganMs > longestTurnMs) {
    nextTurn ??= setImmediate().then(() => {
      nextTurn = undefined;
      turnBeganMs = performance.now();
    });
    await nextTurn;
  }
}
