import type { Notes } from "./section-reader.js";

/** Server: the threat service. */
export type Half = "server" | "worker";

/** What a file says about a half may be unfinished when the other one runs alone. */
export interface Halves {
  /** `--only`; undefined = both are wanted. */
  readonly only?: Half | undefined;
}

export interface ReadHalf<T> {
  readonly value: T;
  /** Whether it could start; else the value has stand-ins. */
  readonly usable: boolean;
}

/**
 * Reads what belongs to one half. If that half does not run, what is wrong with it becomes one warning.
 * @param strict problems that matter all the same
 */
export function readHalf<T>(
  { problems, warnings }: Notes,
  { half, only, strict = () => false }: Halves & { half: Half; strict?: (problem: string) => boolean },
  read: () => T,
): ReadHalf<T> {
  const before = problems.length;
  const value = read();
  if (only === undefined || only === half) return { value, usable: problems.length === before };
  const found = problems.splice(before);
  problems.push(...found.filter(strict));
  const idle = found.filter((problem) => !strict(problem));
  if (idle.length > 0) {
    const name = half === "server" ? "the threat service" : "the worker";
    warnings.push(
      `${name} could not start with this file, and --only ${only} goes on without it: ${idle.join("; ")}`,
    );
  }
  return { value, usable: found.length === 0 };
}
