import { Command as Commander, CommanderError, Option } from "commander";
import { exitCodes, type Command } from "./command.js";

const examples = `
Examples:
  $ trustar-resilient config --create
  $ trustar-resilient keyring
  $ trustar-resilient run --config ./app.config --only server
  $ trustar-resilient lookup 203.0.113.9
  $ trustar-resilient lookup --type hash.md5 --json 44d88612fea8a8f36de82e1278abb02f
`;

/** Arguments after the program's name → what to do. Prints nothing, ends nothing. */
export function parseArgv(args: readonly string[], version: string): Command {
  let said = "";
  let command: Command | undefined;
  const say = (text: string): void => {
    said += text;
  };
  const program = new Commander("trustar-resilient")
    .description("TruSTAR threat intelligence inside IBM Resilient / IBM SOAR")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .addHelpText("after", examples)
    .configureOutput({ writeOut: say, writeErr: say })
    .showHelpAfterError("(trustar-resilient --help shows how it is used)")
    .exitOverride();

  program
    .command("run")
    .description("start the threat service and stay")
    .addOption(configOption())
    .addOption(new Option("--only <half>", "start one half only").choices(["server", "worker"]))
    .action((options: { config?: string; only?: "server" | "worker" }) => {
      command = { name: "run", configPath: options.config, only: options.only };
    });

  program
    .command("lookup")
    .description("ask TruSTAR about one value, as the threat service would")
    .argument("<value>", "the artifact's value")
    .addOption(configOption())
    .option(
      "--type <type>",
      "artifact type on the wire (net.ip, hash.md5, …); default: what the value looks like",
      "string",
    )
    .option("--json", "print the answer as JSON", false)
    .action((value: string, options: { config?: string; type: string; json: boolean }) => {
      command = { name: "lookup", configPath: options.config, value, type: options.type, json: options.json };
    });

  const configCommand = program
    .command("config")
    .description("make an app.config, or add to one what it lacks")
    .addOption(new Option("-c, --create [file]", "make one, with a remark on each key").conflicts("update"))
    .addOption(
      new Option("-u, --update [file]", "add missing sections and keys, change nothing that is there"),
    )
    .addHelpText("after", "\nWithout a file: $APP_CONFIG_FILE, else ~/.resilient/app.config")
    .action(({ create, update }: { create?: string | true; update?: string | true }) => {
      const file = create ?? update;
      if (file === undefined) configCommand.error("error: config needs --create or --update");
      const action = create === undefined ? "update" : "create";
      command = { name: "config", action, configPath: file === true ? undefined : file };
    });

  program
    .command("keyring")
    .description("store the secrets that app.config refers to with ^")
    .addOption(configOption())
    .addOption(new Option("--status", "tell which are set, not what they are").default(false))
    .addOption(new Option("--set <section/key>", "store this one only; from a pipe, too").conflicts("status"))
    .action((options: { config?: string; status: boolean; set?: string }) => {
      command = {
        name: "keyring",
        configPath: options.config,
        status: options.status,
        only: options.set,
      };
    });

  try {
    program.parse([...args], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Without a command commander prints the help and calls that an error; so do we.
    return { name: "say", text: said, exitCode: error.exitCode === 0 ? exitCodes.ok : exitCodes.usage };
  }
  return command ?? { name: "say", text: said, exitCode: exitCodes.usage };
}

function configOption(): Option {
  return new Option(
    "--config <file>",
    "app.config; else $APP_CONFIG_FILE, ./app.config, ~/.resilient/app.config",
  );
}
