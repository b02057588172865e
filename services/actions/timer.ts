/** Calls `ring` once after `ms`; what is returned takes that back. A parameter, so that a test does not wait. */
export type Timer = (ms: number, ring: () => void) => () => void;

export const realTimer: Timer = (ms, ring) => {
  const handle = setTimeout(ring, ms);
  return () => {
    clearTimeout(handle);
  };
};

/** Rejects with the signal's reason when that aborts first. */
export async function pause(ms: number, timer: Timer, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  let wake: () => void = () => undefined;
  const woken = new Promise<void>((resolve) => {
    wake = resolve;
  });
  const cancel = timer(ms, wake);
  signal.addEventListener("abort", wake, { once: true });
  try {
    await woken;
  } finally {
    cancel();
    signal.removeEventListener("abort", wake);
  }
  signal.throwIfAborted();
}
