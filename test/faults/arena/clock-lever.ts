import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

const library = ["x86_64-linux-gnu", "aarch64-linux-gnu"]
  .map((machine) => `/usr/lib/${machine}/faketime/libfaketime.so.1`)
  .find((path) => existsSync(path));

/** The wall clock of a program that we start; its monotonic clock, which timers use, is left alone. */
export interface ProgramClock {
  /** For the program's environment. */
  readonly env: Record<string, string>;
  /** At once, also while it runs. @param offset as libfaketime has it: "+3d", "-1h", "+0" */
  jump(offset: string): Promise<void>;
}

export async function openProgramClock(folder: string): Promise<ProgramClock> {
  if (library === undefined) throw new Error("clocks need Debian's package libfaketime");
  const file = join(folder, "clock");
  await writeFile(file, "+0");
  return {
    env: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
    },
    jump: (offset) => writeFile(file, offset),
  };
}
