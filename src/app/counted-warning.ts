import type { Log } from "../core/ports.js";
import { MINUTE_MS, type Clock } from "../core/time.js";

/** A warning about many small things: told at most once a minute, with how many there were since it was told last. */
export function createCountedWarning(log: Log, clock: Clock, message: string): (count: number) => void {
  let untold = 0;
  let silentUntilMs = 0;
  return (count) => {
    untold += count;
    const nowMs = clock.now();
    if (nowMs < silentUntilMs) return;
    log.warn({ count: untold }, message);
    silentUntilMs = nowMs + MINUTE_MS;
    untold = 0;
  };
}
