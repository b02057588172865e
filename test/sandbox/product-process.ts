import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { LogTail } from "./log-tail.js";
import { portTaken, type SandboxOptions } from "./options.js";
import { SandboxError } from "./sandbox-error.js";

const program = fileURLToPath(new URL("../../dist/src/main.js", import.meta.url));
/** Longer than the ten seconds that the product allows itself. */
const stopWithinMs = 12_000;
const readyWithinMs = 30_000;

/** The built program, started as a user would. */
export class ProductProcess implements AsyncDisposable {
  readonly #port: number;
  readonly #child: ChildProcess;
  readonly #log = new LogTail();
  readonly #closed: Promise<unknown>;

  constructor(configPath: string, { port, log }: SandboxOptions) {
    this.#port = port;
    this.#child = spawn(process.execPath, [program, "run", "--config", configPath], {
      stdio: ["ignore", "pipe", "pipe"],
      // The simulators are on this machine, where no proxy of the developer's company can reach them.
      env: { ...process.env, no_proxy: "*" },
    });
    this.#closed = once(this.#child, "close");
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.#log.add(text);
        if (log) process.stderr.write(text);
      });
    }
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Resolves when both halves can do their work. @throws SandboxError when it ends instead */
  async ready(signal: AbortSignal): Promise<void> {
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(readyWithinMs)]);
    while (!(await isReady(this.#port))) {
      if (!this.#runs) throw this.#death();
      signal.throwIfAborted();
      if (deadline.aborted)
        throw new SandboxError(`The product is not ready yet. Its log:\n${this.#log.text}`);
      await Promise.race([this.#closed, new Promise((resolve) => setTimeout(resolve, 100))]);
    }
    // Whoever else listens on the port may have answered: only a living child is ours.
    if (!this.#runs) throw this.#death();
  }

  /** Rejects when the product ends, with the end of its log. */
  async death(): Promise<never> {
    await this.#closed;
    throw this.#death();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#runs) return;
    const killer = setTimeout(() => this.#child.kill("SIGKILL"), stopWithinMs);
    this.#child.kill("SIGTERM");
    await this.#closed;
    clearTimeout(killer);
  }

  get #runs(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  #death(): SandboxError {
    if (this.#log.text.includes("already in use")) return portTaken("--port", this.#port);
    const { exitCode, signalCode } = this.#child;
    const how = signalCode ?? `exit code ${exitCode ?? "unknown"}`;
    return new SandboxError(`The product ended by itself (${how}). The end of its log:\n${this.#log.text}`);
  }
}

async function isReady(port: number): Promise<boolean> {
  const url = `http://127.0.0.1:${port}/ready`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(1_000) }).catch(() => undefined);
  return answer?.ok === true;
}
