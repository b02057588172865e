import type { Measure } from "./measure.js";

export interface RowOptions {
  /** How often each row is measured. */
  readonly runs: number;
  /** Seconds that a throughput is measured for. */
  readonly seconds: number;
  /** Leaves out what takes long. */
  readonly quick: boolean;
}

export interface Row {
  /** As `--only` names it. */
  readonly name: string;
  /** Takes too long for a run of all rows. */
  readonly onlyByName?: boolean;
  measure(options: RowOptions): Promise<readonly Measure[]>;
}

/** Runs one after the other: on two cores two of them would measure each other. */
export async function repeat<T>(times: number, run: (at: number) => Promise<T>): Promise<readonly T[]> {
  const results: T[] = [];
  for (let at = 0; at < times; at += 1) results.push(await run(at));
  return results;
}
