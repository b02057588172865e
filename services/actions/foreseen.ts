import { TrustarResilientError } from "../../src/core/errors.js";

/**
 * The error when it is one that an analyst can be told of.
 * @throws everything else: a stopping program leaves the message on the queue, and a bug of ours is no answer
 */
export function foreseen(error: unknown, signal: AbortSignal): TrustarResilientError {
  signal.throwIfAborted();
  if (error instanceof TrustarResilientError) return error;
  throw error;
}
