export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** Wall-clock time in milliseconds since the epoch; a parameter, so that a test moves it instead of sleeping. */
export interface Clock {
  now(): number;
}

/** Whether what began at `fromMs` and lasts `forMs` is still on. A clock that was set back to before it ends it. */
export function isStillOn(nowMs: number, fromMs: number, forMs: number): boolean {
  return nowMs >= fromMs && nowMs < fromMs + forMs;
}

export const systemClock: Clock = { now: () => Date.now() };
