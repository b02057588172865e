import { randomInt } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { inspect } from "node:util";
import fc from "fast-check";

/** A slice for every run of the tests; `npm run test:fuzz` asks for far more. */
const SLICE_CASES = 6_000;
const HALF_AN_HOUR_MS = 30 * 60_000;

function numberFrom(name: string): number | undefined {
  const text = process.env[name];
  if (text === undefined || text === "") return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value <= 0) throw new Error(`${name} must be a whole number above 0`);
  return value;
}

const totalCases = numberFrom("FUZZ_CASES") ?? SLICE_CASES;

/**
 * One target of the fuzzer: `run` gets generated cases and fails on whatever isn't documented. The seed stands in the
 * test's name; `FUZZ_SEED` repeats it, `FUZZ_CASES` is the number of cases of all targets together.
 * @param share part of all cases that goes to this target, between 0 and 1
 */
export function fuzz<T>(
  target: string,
  share: number,
  cases: fc.Arbitrary<T>,
  run: (one: T) => Promise<void> | void,
  width = 1,
): void {
  const numRuns = Math.max(1, Math.round((totalCases * share) / width));
  const seed = numberFrom("FUZZ_SEED") ?? randomInt(1, 2 ** 31);
  it(
    `${target}: ${numRuns * width} cases from seed ${seed}`,
    async () => {
      await fc.assert(
        fc.asyncProperty(cases, async (one) => {
          await run(one);
        }),
        { numRuns, seed, endOnFailure: width > 1 },
      );
    },
    HALF_AN_HOUR_MS,
  );
}

/** As `fuzz`, with this many cases at the same time, for those that spend their time waiting. */
export function fuzzAtOnce<T>(
  target: string,
  share: number,
  cases: fc.Arbitrary<T>,
  width: number,
  run: (one: T) => Promise<void>,
): void {
  const together = fc.array(cases, { minLength: width, maxLength: width });
  fuzz(
    target,
    share,
    together,
    async (all) => {
      const ends = await Promise.allSettled(all.map(run));
      // Said of the one it is, for the others are no part of it and can't be shrunk away.
      const at = ends.findIndex(({ status }) => status === "rejected");
      const end = ends[at];
      if (end?.status === "rejected") {
        throw new Error(`${String(end.reason)}\nin the case ${inspect(all[at])}`, { cause: end.reason });
      }
    },
    width,
  );
}

/** Bytes of live objects, after the collector has done what it can. */
export function liveBytes(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}
