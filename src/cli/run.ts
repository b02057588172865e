import type { Logger } from "pino";
import { startServer } from "../app/run-server.js";
import type { AppConfig } from "../config/app-config.js";
import { ConfigError } from "../core/errors.js";
import { systemClock } from "../core/time.js";
import { exitCodes } from "./command.js";

export interface RunArguments {
  readonly only: "server" | "worker" | undefined;
  readonly config: AppConfig;
  readonly log: Logger;
  readonly version: string;
  readonly signal: AbortSignal;
}

/** `run`: serves until the signal aborts, then closes everything. */
export async function run({ only, config, log, version, signal }: RunArguments): Promise<number> {
  if (only === "worker") {
    throw new ConfigError([
      "--only worker: this version has no worker; keep the Python app for rules and functions and use --only server",
    ]);
  }
  const server = await startServer({ config, log, clock: systemClock, version, signal });
  await server.closed;
  log.info({}, "stopped");
  return exitCodes.ok;
}
