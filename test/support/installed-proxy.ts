import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import net from "node:net";
import type { ServerCertificate } from "./certificates.js";

export interface InstalledProxyOptions {
  /** `user:password` that it asks for. */
  readonly login?: string | undefined;
  /** With it the proxy itself speaks TLS. */
  readonly certificate?: ServerCertificate | undefined;
  /** Names that nobody but the proxy can resolve; all of them are this machine. */
  readonly hosts: readonly string[];
  /** The authority whose certificates it shows in place of those of these names. */
  readonly inspector?: (ServerCertificate & { readonly names: readonly string[] }) | undefined;
}

export interface InstalledProxy {
  readonly port: number;
  /** What its log says that it has connected to. */
  targets(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** Starts a program and waits until it takes connections. */
export async function runDaemon(
  command: string,
  args: readonly string[],
  port: number,
  env: Readonly<Record<string, string>> = {},
): Promise<Omit<InstalledProxy, "targets">> {
  const { PATH = "" } = process.env;
  const child = spawn(command, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: `${PATH}:/usr/sbin`, ...env },
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
  // It must not outlive a test run that was cut short.
  const orphaned = (): void => void child.kill("SIGKILL");
  process.once("exit", orphaned);
  child.once("error", (error) => (said += error.message));
  const closed = once(child, "close");
  await listening(child, port, () => said);
  return {
    port,
    stop: async () => {
      child.kill("SIGKILL");
      await closed;
      process.off("exit", orphaned);
    },
  };
}

async function listening(child: ChildProcess, port: number, said: () => string): Promise<void> {
  const endMs = Date.now() + 45_000;
  while (!(await takesConnections(port))) {
    if (child.exitCode !== null || Date.now() > endMs)
      throw new Error(`the proxy does not listen: ${said()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => {
      resolve(false);
    });
  });
}
