import type { Logger } from "pino";
import { startProgram } from "../app/run-program.js";
import type { AppConfig } from "../config/app-config.js";
import type { Half } from "../config/idle-half.js";
import { systemClock } from "../core/time.js";
import { exitCodes } from "./command.js";

export interface RunArguments {
  readonly only: Half | undefined;
  readonly config: AppConfig;
  readonly log: Logger;
  readonly version: string;
  readonly signal: AbortSignal;
}

/** `run`: serves and works until the signal aborts, then closes everything. */
export async function run({ only, config, log, version, signal }: RunArguments): Promise<number> {
  const program = await startProgram({ only, config, log, clock: systemClock, version, signal });
  await program.closed;
  log.info({}, "stopped");
  return exitCodes.ok;
}
