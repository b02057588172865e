import { SECOND_MS } from "../../src/core/time.js";
import type { Timer } from "./timer.js";

/** Work that is done sooner says nothing in between. */
const firstAfterMs = 5 * SECOND_MS;
const nextAfterMs = 20 * SECOND_MS;

/** Tells the analyst what a long action is doing, each step at most once. */
export interface Progress {
  /** What is being done from now on. */
  readonly stage: (text: string) => void;
  readonly stop: () => void;
}

export function startProgress(send: (text: string) => void, timer: Timer): Progress {
  let now = "Waiting for earlier actions of this incident.";
  let sent: string | undefined;
  const tick = (): void => {
    if (sent !== now) send(now);
    sent = now;
    cancel = timer(nextAfterMs, tick);
  };
  let cancel = timer(firstAfterMs, tick);
  return {
    stage: (text) => {
      now = text;
    },
    stop: () => {
      cancel();
    },
  };
}
