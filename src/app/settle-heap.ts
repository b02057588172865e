import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * Collects what starting has left behind; stops the program for some 20 ms, or 60 ms with 100,000 results in memory. V8
 * would do it when the first artifacts come: it then copies whatever the modules made and makes the young generation
 * larger. Of the 50 ms that the slowest of a burst waited, that was 20 (seen with --trace-gc).
 */
export function settleHeap(): void {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("globalThis.gc") as (() => void) | undefined;
  setFlagsFromString("--no-expose-gc");
  collect?.();
}
