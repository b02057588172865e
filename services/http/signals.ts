import { setMaxListeners } from "node:events";
import { UpstreamError } from "../../src/core/errors.js";

/** Why the caller left: its own reason. A time limit of its own (`AbortSignal.timeout`) reads like any other time-out. */
export function abortReason(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  if (reason instanceof Error && reason.name !== "TimeoutError") return reason;
  return new UpstreamError("upstream_timeout", "No answer came in the time the caller had");
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

/** The result of work that others share, or the caller's own end, whichever comes first. The work itself goes on. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const unlisten = listen(signal, () => {
      reject(abortReason(signal));
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
      abort(abortReason(signal));
    }),
  );
  try {
    return await work(controller.signal, abort);
  } finally {
    for (const unlisten of unlisteners) unlisten();
  }
}
