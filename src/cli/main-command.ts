import type { DestinationStream } from "pino";
import { loadAppConfig, queueOf } from "../app/load-app-config.js";
import { createLogger } from "../app/logger.js";
import { ConfigError, TrustarResilientError } from "../core/errors.js";
import { exitCodes, type Command, type Output } from "./command.js";
import { parseArgv } from "./parse-argv.js";
import { createPrompt, type TerminalInput } from "./prompt.js";
import { unforeseen } from "./unforeseen.js";

/** Everything of the process that a command may use. */
export interface Surroundings {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly home: string;
  readonly version: string;
  /** The text of app.config.example. */
  readonly template: () => string;
  readonly input: TerminalInput;
  readonly output: Output;
  /** Where log lines go; the terminal's error stream for commands whose output is an answer. */
  readonly logTo: Readonly<Record<"stdout" | "stderr", DestinationStream>>;
  readonly signal: AbortSignal;
  /** Has failures that nothing else catches told in this way from now on; the process then goes on. */
  readonly onUncaught: (tell: (error: unknown) => void) => void;
}

/** Runs one command line to its exit code. */
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
    const isForeseen = error instanceof TrustarResilientError;
    output.err(isForeseen ? `${error.message}\n` : unforeseen(args, error, surroundings.env));
    return exitCodes.failed;
  }
}

/** A command's own modules are loaded when it is called: starting is mostly loading. */
async function execute(
  command: Exclude<Command, { name: "say" }>,
  surroundings: Surroundings,
): Promise<number> {
  const { env, cwd, home, version, output, signal, logTo } = surroundings;
  const places = { explicitPath: command.configPath, env, cwd, home };
  switch (command.name) {
    case "config": {
      const { config } = await import("./config.js");
      using prompt = createPrompt({ ...surroundings, write: output.err });
      return await config({ ...command, places, template: surroundings.template(), prompt, output });
    }
    case "keyring": {
      const { keyring } = await import("./keyring.js");
      using prompt = createPrompt({ ...surroundings, write: output.err });
      return await keyring({ ...command, places, prompt, output });
    }
    case "run": {
      const config = loadAppConfig(places, command.only);
      const log = createLogger(config.logLevel, logTo.stdout);
      const { run } = await import("./run.js");
      surroundings.onUncaught((error) => {
        log.error(
          { err: error },
          "something has failed in the program itself; it goes on, please report this",
        );
      });
      // Awaited, as in all commands: what it throws is told above.
      return await run({ ...command, config, log, version, signal });
    }
    case "lookup": {
      const config = loadAppConfig(places, "server");
      const { lookup } = await import("./lookup.js");
      return await lookup({
        ...command,
        config,
        log: createLogger("error", logTo.stderr),
        version,
        output,
        signal,
      });
    }
    case "preview": {
      const config = loadAppConfig(places, "worker");
      const log = createLogger("error", logTo.stderr);
      const { preview } = await import("./preview.js");
      return await preview({ ...command, config, log, version, output, signal });
    }
    case "selftest": {
      const { selftest } = await import("./selftest.js");
      // What it has to say stands in its results.
      const log = createLogger("fatal", logTo.stderr);
      return await selftest({ ...command, places, log, version, output, signal });
    }
    case "customize": {
      using prompt = createPrompt({ ...surroundings, write: output.err });
      const { exportTo: file } = command;
      if (file !== undefined) {
        const { exportCustomizations } = await import("./export-customizations.js");
        const queue = queueOf(places);
        return await exportCustomizations({ ...command, file, queue, cwd, prompt, output, signal });
      }
      const { customize } = await import("./customize.js");
      const log = createLogger("error", logTo.stderr);
      return await customize({
        ...command,
        config: loadAppConfig(places, "worker"),
        log,
        prompt,
        output,
        signal,
      });
    }
  }
}
