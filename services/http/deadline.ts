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
export async function withDeadline<T>(
  outer: AbortSignal,
  deadlineMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const forward = (): void => {
    controller.abort(outer.reason);
  };
  if (outer.aborted) forward();
  outer.addEventListener("abort", forward, { once: true });
  const timer = setTimeout(() => {
    controller.abort(new DeadlineExceeded(deadlineMs));
  }, deadlineMs);
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    outer.removeEventListener("abort", forward);
  }
}

/** The result of work that others share, or the caller's own end, whichever comes first. The work itself goes on. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  work.catch(() => undefined); // who leaves early does not hear of it
  signal.throwIfAborted();
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => {
      reject(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
    };
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
