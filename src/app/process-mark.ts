import { readFile } from "node:fs/promises";
import { codeOf } from "../core/error-code.js";

/** A process, told from a later one that has got the same number. */
export interface ProcessMark {
  readonly pid: number;
  /** When it began, as the system counts; absent where that can't be read. */
  readonly started?: string | undefined;
}

export async function thisProcess(): Promise<ProcessMark> {
  return { pid: process.pid, started: await startOf(process.pid) };
}

/** Whether the process still runs. */
export async function isSameProcess({ pid, started }: ProcessMark): Promise<boolean> {
  const startedNow = await startOf(pid);
  if (started !== undefined && startedNow !== undefined) return started === startedNow;
  // Our own number: we have just started, and in a container it is always the same.
  return pid !== process.pid && exists(pid);
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's: it is there, and nothing more is said of it.
    return codeOf(error) === "EPERM";
  }
}

/** Linux only: the boot, and the clock ticks from there to the process's start (proc(5), field 22 of `stat`). */
async function startOf(pid: number): Promise<string | undefined> {
  try {
    const [boot, stat] = await Promise.all([
      readFile("/proc/sys/kernel/random/boot_id", "utf8"),
      readFile(`/proc/${pid}/stat`, "utf8"),
    ]);
    // The second field, the program's name, may hold blanks and brackets: it is counted from behind it.
    const ticks = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
    return ticks === undefined ? undefined : `${boot.trim()} ${ticks}`;
  } catch {
    return undefined;
  }
}
