import { UpstreamError } from "../../src/core/errors.js";

/** A caller that gave up hears its own reason; a deadline of its own reads like any other time-out. */
export function abortError(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  if (reason instanceof Error && reason.name !== "TimeoutError") return reason;
  return new UpstreamError("upstream_timeout", "Resilient did not answer in the time the caller had");
}

/** Waits for shared work without owning it: giving up leaves the work to those who still wait. */
export function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      reject(abortError(signal));
    };
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => {
      signal.removeEventListener("abort", onAbort);
    });
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
  const listeners = signals.map((signal) => {
    const onAbort = (): void => {
      abort(abortError(signal));
    };
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    return { signal, onAbort };
  });
  try {
    return await work(controller.signal, abort);
  } finally {
    for (const { signal, onAbort } of listeners) signal.removeEventListener("abort", onAbort);
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
