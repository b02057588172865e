import type { DestinationStream } from "pino";
import { loadAppConfig, queueOf } from "../app/load-app-config.js";
import { createLogger } from "../app/logger.js";
import { ConfigError, TrustarResilientError } from "../core/errors.js";
import type { Ask } from "./ask.js";
import { exitCodes, type Command, type Output } from "./command.js";
import { customize } from "./customize.js";
import { exportCustomizations } from "./export-customizations.js";
import { lookup } from "./lookup.js";
import { parseArgv } from "./parse-argv.js";
import { run } from "./run.js";

/** Everything of the process that a command may use. */
export interface Surroundings {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly home: string;
  readonly version: string;
  readonly output: Output;
  readonly ask: Ask;
  /** Where log lines go; the terminal's error stream for commands whose output is an answer. */
  readonly logTo: Readonly<Record<"stdout" | "stderr", DestinationStream>>;
  readonly signal: AbortSignal;
}

/** Runs one command line to its exit code. Only bugs escape as exceptions. */
export async function mainCommand(surroundings: Surroundings): Promise<number> {
  const { args, version, output } = surroundings;
  const command = parseArgv(args, version);
  if (command.name === "say") {
    if (command.exitCode === exitCodes.ok) output.out(command.text);
    else output.err(command.text);
    return command.exitCode;
  }
  try {
    return await execute(command, surroundings);
  } catch (error) {
    if (error instanceof ConfigError) {
      output.err(
        `The configuration can't be used:\n${error.problems.map((problem) => `  - ${problem}\n`).join("")}`,
      );
      return exitCodes.usage;
    }
    if (!(error instanceof TrustarResilientError)) throw error;
    output.err(`${error.message}\n`);
    return exitCodes.failed;
  }
}

async function execute(
  command: Exclude<Command, { name: "say" }>,
  surroundings: Surroundings,
): Promise<number> {
  const { env, cwd, home, version, output, ask, signal, logTo } = surroundings;
  const places = { explicitPath: command.configPath, env, cwd, home };
  if (command.name === "customize" && command.exportTo !== undefined) {
    const queue = queueOf(places);
    return exportCustomizations({ ...command, file: command.exportTo, queue, cwd, output, ask, signal });
  }
  const config = loadAppConfig(places);
  switch (command.name) {
    case "run":
      return run({ ...command, config, log: createLogger(config.logLevel, logTo.stdout), version, signal });
    case "lookup":
      return lookup({
        ...command,
        config,
        log: createLogger("error", logTo.stderr),
        version,
        output,
        signal,
      });
    case "customize":
      return customize({ ...command, config, log: createLogger("error", logTo.stderr), output, ask, signal });
  }
}
