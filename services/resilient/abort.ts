import { setMaxListeners } from "node:events";
import { UpstreamError } from "../../src/core/errors.js";

/** A caller that gave up hears its own reason; a deadline of its own reads like any other time-out. */
export function abortError(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  if (reason instanceof Error && reason.name !== "TimeoutError") return reason;
  return new UpstreamError("upstream_timeout", "Resilient did not answer in the time the caller had");
}

// One signal ends a hundred calls at once; Node takes more than ten listeners for a leak. Ours are always removed.
function listen(signal: AbortSignal, onAbort: () => void): () => void {
  setMaxListeners(0, signal);
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  return () => {
    signal.removeEventListener("abort", onAbort);
  };
}

/** Waits for shared work without owning it: giving up leaves the work to those who still wait. */
export function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const unlisten = listen(signal, () => {
      reject(abortError(signal));
    });
    work.then(resolve, reject).finally(unlisten);
  });
}

/** Runs `work` on a signal that fires with any of `signals`; no listener is left behind on them. */
export async function withSignals<T>(
  signals: readonly AbortSignal[],
  work: (signal: AbortSignal, abort: (reason: Error) => void) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const abort = (reason: Error): void => {
    controller.abort(reason);
  };
  const unlisteners = signals.map((signal) =>
    listen(signal, () => {
      abort(abortError(signal));
    }),
  );
  try {
    return await work(controller.signal, abort);
  } finally {
    for (const unlisten of unlisteners) unlisten();
  }
}

/** The same with a time limit of its own. */
export function withDeadline<T>(
  signal: AbortSignal,
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return withSignals([signal], async (limited, abort) => {
    const late = `Resilient did not answer within ${Math.ceil(ms / 1000)} s`;
    const timer = setTimeout(() => {
      abort(new UpstreamError("upstream_timeout", late));
    }, ms);
    try {
      return await work(limited);
    } finally {
      clearTimeout(timer);
    }
  });
}
