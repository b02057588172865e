import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { openSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../../dist/src/main.js", import.meta.url));

/** A process of its own, so that what is measured does not share its event loop with the load. */
export interface Running extends AsyncDisposable {
  /** What it has printed. */
  output(): string;
  /** Resident memory in megabytes. */
  residentMb(): number;
  /** Processor time spent so far: what others do on the machine does not show in it. */
  cpuMs(): number;
  stop(): Promise<void>;
}

export interface SpawnOptions {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Where its output goes; a pipe to us when absent. */
  readonly logFile?: string | undefined;
}

export function spawnNode({ args, env = {}, logFile }: SpawnOptions): Running {
  const { PATH = "" } = process.env;
  const target = logFile === undefined ? "pipe" : openSync(logFile, "a");
  const child = spawn(process.execPath, args, {
    env: { PATH, HOME: tmpdir(), ...env },
    stdio: ["ignore", target, target],
  });
  const output = logFile === undefined ? collect(child) : () => readFileSync(logFile, "utf8");
  const closed = once(child, "close");
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await closed;
  };
  return {
    output,
    residentMb: () => residentKb(child.pid ?? 0) / 1_024,
    cpuMs: () => cpuTicks(child.pid ?? 0) * 10,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** The built program, as a user runs it. */
export function spawnProgram(args: readonly string[], more: Omit<SpawnOptions, "args"> = {}): Running {
  return spawnNode({ args: [program, ...args], ...more });
}

/** A TypeScript file beside this one. */
export function spawnScript(script: URL, args: readonly string[] = []): Running {
  return spawnNode({ args: ["--import", "tsx", fileURLToPath(script), ...args] });
}

/** @returns what `pattern` found in its output */
export async function printed(process: Running, pattern: RegExp): Promise<readonly string[]> {
  const deadlineMs = performance.now() + 30_000;
  for (;;) {
    const found = pattern.exec(process.output());
    if (found !== null) return found.slice(1);
    if (performance.now() > deadlineMs) throw new Error(`it does not start:\n${process.output()}`);
    await sleep(10);
  }
}

function collect(child: ChildProcess): () => string {
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
  }
  return () => text;
}

function residentKb(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? Number.NaN);
}

/** User and system time of all its threads, in hundredths of a second (proc(5): fields 14 and 15 of stat). */
function cpuTicks(pid: number): number {
  const afterName = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  return Number(afterName[11]) + Number(afterName[12]);
}
