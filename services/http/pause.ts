import { setTimeout as sleep } from "node:timers/promises";

/** Waits; rejects with the signal's reason when that aborts. A parameter, so that a test does not wait. */
export type Pause = (ms: number, signal: AbortSignal) => Promise<void>;

export const realPause: Pause = async (ms, signal) => {
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
};
