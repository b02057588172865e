import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export { freePort } from "./free-port.js";

const program = fileURLToPath(new URL("../../dist/src/main.js", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The built program, run to its end as a user would run it. @param input what a pipe brings */
export function runProgram(
  args: readonly string[],
  env: Record<string, string> = {},
  input = "",
): Promise<Ended> {
  return startProgram(args, env, input).ended;
}

/** The same, with a hand on Ctrl-C. */
export function startProgram(
  args: readonly string[],
  env: Record<string, string> = {},
  input = "",
): { readonly ended: Promise<Ended>; interrupt(): void } {
  const child = spawnProgram(args, env);
  child.stdin?.end(input);
  const output = collect(child);
  const closed = once(child, "close") as Promise<[number | null]>;
  return {
    ended: closed.then(([code]) => ({ code, ...output() })),
    interrupt: () => child.kill("SIGINT"),
  };
}

export interface Product extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  /** Whether it has ended, by itself or because somebody asked. */
  readonly ended: boolean;
  /** Everything it has printed. */
  output(): string;
  /** Asks it to stop, as a service manager does. @returns its exit code */
  terminate(): Promise<number | null>;
  /** kill -9 */
  kill(): Promise<void>;
}

/** Logged when it listens; the worker may still be on its way. */
export const serverSign = "the threat service is listening";

/** Starts the threat service on a config file and waits until it listens. */
export async function startProduct(
  configPath: string,
  port: number,
  env: Record<string, string> = {},
): Promise<Product> {
  return launch({ args: ["run", "--config", configPath, "--only", "server"], port, sign: serverSign, env });
}

/** Starts both halves, or the worker alone, and waits until the worker is subscribed. */
export async function startWorker(configPath: string, port: number, ...args: string[]): Promise<Product> {
  return launch({ args: ["run", "--config", configPath, ...args], port, sign: "the worker is listening" });
}

export interface Launch {
  readonly args: readonly string[];
  readonly port: number;
  /** The log line to wait for. */
  readonly sign: string;
  readonly env?: Record<string, string>;
  /** A command that runs the program in its own place, such as `nsenter`, and becomes it. */
  readonly through?: readonly string[];
}

export async function launch({ args, port, sign, env = {}, through = [] }: Launch): Promise<Product> {
  const child = spawnProgram(args, env, through);
  const output = collect(child);
  const text = (): string => output().stdout + output().stderr;
  const closed = once(child, "close") as Promise<[number | null]>;
  await listening(child, text, sign);
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    const [code] = await closed;
    return code;
  };
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    get ended() {
      return child.exitCode !== null || child.signalCode !== null;
    },
    output: text,
    terminate: () => end("SIGTERM"),
    kill: async () => {
      await end("SIGKILL");
    },
    [Symbol.asyncDispose]: async () => {
      await end("SIGKILL");
    },
  };
}

async function listening(child: ChildProcess, text: () => string, sign: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on("data", () => {
      if (text().includes(sign)) resolve();
    });
    child.once("close", () => {
      reject(new Error(`the program ended before it listened:\n${text()}`));
    });
  });
}

function spawnProgram(
  args: readonly string[],
  env: Record<string, string>,
  through: readonly string[] = [],
): ChildProcess {
  // Nothing of the developer's own environment may help it.
  const { PATH = "" } = process.env;
  const [command = "", ...rest] = [...through, process.execPath, program, ...args];
  return spawn(command, rest, {
    env: { PATH, HOME: tmpdir(), ...env },
    cwd: tmpdir(),
    stdio: ["pipe", "pipe", "pipe"],
  });
}

function collect(child: ChildProcess): () => { stdout: string; stderr: string } {
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => (stdout += chunk));
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
  return () => ({ stdout, stderr });
}

export interface TempFolder extends AsyncDisposable {
  readonly path: string;
  write(name: string, text: string | Uint8Array): Promise<string>;
}

export async function tempFolder(): Promise<TempFolder> {
  const path = await mkdtemp(join(tmpdir(), "trustar-test-"));
  return {
    path,
    write: async (name, text) => {
      const file = join(path, name);
      await writeFile(file, text, { mode: 0o600 });
      return file;
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}
