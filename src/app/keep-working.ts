import { realPause } from "../../services/http/pause.js";
import type { Log } from "../core/ports.js";
import type { Worker } from "./worker.js";

export interface KeepWorkingOptions {
  readonly log: Log;
  /** Aborts when the program should end. */
  readonly signal: AbortSignal;
  /** How long a worker that was refused stays down. */
  readonly againAfterMs: number;
}

/**
 * Runs the worker until the signal aborts. What refuses it is mended by people; but a server that is just starting
 * refuses, too, and nobody should have to restart this program for that. Never rejects.
 */
export async function keepWorking(worker: Pick<Worker, "run">, options: KeepWorkingOptions): Promise<void> {
  const { log, signal, againAfterMs } = options;
  for (;;) {
    try {
      await worker.run(signal);
      return;
    } catch (error) {
      if (signal.aborted) return;
      log.error(
        { err: error, againInMs: againAfterMs },
        "the worker has stopped and needs an administrator; it will try again, and the threat service goes on",
      );
      await realPause(againAfterMs, signal).catch(() => undefined);
    }
  }
}
