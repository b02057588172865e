import { UpstreamError } from "../../src/core/errors.js";
import { SECOND_MS } from "../../src/core/time.js";
import { realPause } from "../http/pause.js";
import type { ActionContext } from "./context.js";

export interface Making<T> {
  readonly make: () => Promise<T>;
  /** What was made, if it is there. */
  readonly find: () => Promise<T | undefined>;
}

/** The second time for a server that was still at it. */
const looksMs = [0, 2 * SECOND_MS];
const tries = 3;

/** Makes something in Resilient once, although the answer may get lost: in doubt it is looked for before it is sent again. */
export async function makeOnce<T>(
  { signal }: Pick<ActionContext, "signal">,
  { make, find }: Making<T>,
): Promise<T> {
  for (let triesLeft = tries - 1; ; triesLeft -= 1) {
    try {
      return await make();
    } catch (error) {
      if (!(error instanceof UpstreamError) || !error.inDoubt) throw error;
      const made = await look(find, signal, error);
      if (made !== undefined) return made;
      // Where the connection was not cut (a timeout, HTTP 502), the server may still be at it.
      if (triesLeft === 0 || error.code !== "upstream_unreachable") throw error;
    }
  }
}

/** @throws the doubt itself, when it can't be looked */
async function look<T>(
  find: Making<T>["find"],
  signal: AbortSignal,
  doubt: UpstreamError,
): Promise<T | undefined> {
  try {
    for (const pauseMs of looksMs) {
      await realPause(pauseMs, signal);
      const made = await find();
      if (made !== undefined) return made;
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    throw doubt;
  }
}
