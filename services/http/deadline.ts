import { withSignals } from "./signals.js";

/** Thrown into the running call when its time is up; never leaves the adapter that translates it. */
export class DeadlineExceeded extends Error {
  constructor(deadlineMs: number) {
    super(`no complete answer within ${deadlineMs} ms`);
    this.name = "DeadlineExceeded";
  }
}

/**
 * Runs `work` with a signal that aborts when `outer` does or after `deadlineMs`, counted over the whole call: an
 * upstream that drips a byte a second is as dead as one that is silent. Leaves neither timer nor listener behind.
 */
export function withDeadline<T>(
  outer: AbortSignal,
  deadlineMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return withSignals([outer], async (bounded, abort) => {
    const timer = setTimeout(() => {
      abort(new DeadlineExceeded(deadlineMs));
    }, deadlineMs);
    try {
      return await work(bounded);
    } finally {
      clearTimeout(timer);
    }
  });
}
