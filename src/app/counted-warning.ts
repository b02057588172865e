import type { Log } from "../core/ports.js";
import { MINUTE_MS } from "../core/time.js";

/** A warning about many small things: told at once and then once a minute, with how many there were since. */
export function createCountedWarning(log: Log, message: string): (count: number) => void {
  let untold = 0;
  let isSilent = false;
  const tell = (): void => {
    if (untold === 0) return;
    log.warn({ count: untold }, message);
    untold = 0;
    isSilent = true;
    setTimeout(() => {
      isSilent = false;
      tell();
    }, MINUTE_MS).unref();
  };
  return (count) => {
    untold += count;
    if (!isSilent) tell();
  };
}
