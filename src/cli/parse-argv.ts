import { Command as Commander, CommanderError, InvalidArgumentError, Option } from "commander";
import { artifactTypes } from "../config/artifact-types.js";
import { closestName } from "../config/closest-name.js";
import type { Half } from "../config/idle-half.js";
import { exitCodes, type Command } from "./command.js";

const examples = `
Examples:
  $ trustar-resilient config --create
  $ trustar-resilient keyring
  $ trustar-resilient customize --dry-run
  $ trustar-resilient selftest
  $ trustar-resilient preview 2095
  $ trustar-resilient run --config ./app.config --only server
  $ trustar-resilient lookup 203.0.113.9
  $ trustar-resilient lookup --type hash.md5 --json 44d88612fea8a8f36de82e1278abb02f
`;

type Found = (command: Command) => void;

/** Arguments after the program's name → what to do. Prints nothing, ends nothing. */
export function parseArgv(args: readonly string[], version: string): Command {
  let said = "";
  let command: Command | undefined;
  const say = (text: string): void => {
    said += text;
  };
  const found: Found = (what) => {
    command = what;
  };
  const program = new Commander("trustar-resilient")
    .description("TruSTAR threat intelligence inside IBM Resilient / IBM SOAR")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .addHelpText("after", examples)
    .configureOutput({ writeOut: say, writeErr: say })
    .showHelpAfterError("(trustar-resilient --help shows how it is used)")
    .exitOverride();
  addRun(program, found);
  addLookup(program, found);
  addConfig(program, found);
  addKeyring(program, found);
  addCustomize(program, found);
  addSelftest(program, found);
  addPreview(program, found);
  try {
    program.parse([...args], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Without a command commander prints the help and calls that an error; so do we.
    return { name: "say", text: said, exitCode: error.exitCode === 0 ? exitCodes.ok : exitCodes.usage };
  }
  return command ?? { name: "say", text: said, exitCode: exitCodes.usage };
}

function addRun(program: Commander, found: Found): void {
  program
    .command("run")
    .description("start the threat service and the worker, as far as they are configured, and stay")
    .addOption(configOption())
    .addOption(onlyOption("start one half only"))
    .action((options: { config?: string; only?: Half }) => {
      found({ name: "run", configPath: options.config, only: options.only });
    });
}

function addLookup(program: Commander, found: Found): void {
  program
    .command("lookup")
    .description("ask TruSTAR about one value, as the threat service would")
    .argument("<value>", "the artifact's value", parseValue)
    .addOption(configOption())
    .option(
      "--type <type>",
      "artifact type on the wire (net.ip, hash.md5, …); default: what the value looks like",
      parseType,
      "string",
    )
    .option("--json", "print the answer as JSON", false)
    .action((value: string, options: { config?: string; type: string; json: boolean }) => {
      found({ name: "lookup", configPath: options.config, value, type: options.type, json: options.json });
    });
}

function addConfig(program: Commander, found: Found): void {
  const config = program
    .command("config")
    .description("make an app.config, or add to one what it lacks")
    .addOption(new Option("-c, --create [file]", "make one, with a remark on each key").conflicts("update"))
    .addOption(
      new Option("-u, --update [file]", "add missing sections and keys, change nothing that is there"),
    )
    .addHelpText("after", "\nWithout a file: $APP_CONFIG_FILE, else ~/.resilient/app.config")
    .action(({ create, update }: { create?: string | true; update?: string | true }) => {
      const file = create ?? update;
      if (file === undefined) config.error("error: config needs --create or --update");
      const action = create === undefined ? "update" : "create";
      found({ name: "config", action, configPath: file === true ? undefined : file });
    });
}

function addKeyring(program: Commander, found: Found): void {
  program
    .command("keyring")
    .description("store the secrets that app.config refers to with ^")
    .addOption(configOption())
    .addOption(new Option("--status", "tell which are set, not what they are").default(false))
    .addOption(new Option("--set <section/key>", "store this one only; from a pipe, too").conflicts("status"))
    .action((options: { config?: string; status: boolean; set?: string }) => {
      found({ name: "keyring", configPath: options.config, status: options.status, only: options.set });
    });
}

function addCustomize(program: Commander, found: Found): void {
  program
    .command("customize")
    .description("bring message destination, functions, workflows and rules into Resilient")
    .addOption(configOption())
    .option("-y, --yes", "replace what differs without asking", false)
    .option("--dry-run", "only tell what would be done", false)
    .addOption(
      new Option(
        "--export <file>",
        "write a .res file for the platform's own import instead (- is standard output)",
      ).conflicts("dryRun"),
    )
    .action((options: { config?: string; yes: boolean; dryRun: boolean; export?: string }) => {
      const { config: configPath, yes, dryRun, export: exportTo } = options;
      found({ name: "customize", configPath, yes, dryRun, exportTo });
    });
}

function addSelftest(program: Commander, found: Found): void {
  program
    .command("selftest")
    .description(
      "prove the chain link by link: configuration, Resilient, message broker, TruSTAR, threat service",
    )
    .addOption(configOption())
    .addOption(onlyOption("prove what run --only needs"))
    .option("--json", "print the results as JSON", false)
    .action(({ config: configPath, only, json }: { config?: string; only?: Half; json: boolean }) => {
      found({ name: "selftest", configPath, only, json });
    });
}

function addPreview(program: Commander, found: Found): void {
  program
    .command("preview")
    .description("print what would be sent to TruSTAR of one incident, and send nothing")
    .argument("<incident-id>", "the incident's number in Resilient", parseIncidentId)
    .addOption(configOption())
    .option("--json", "print the reports as JSON", false)
    .action((incidentId: number, options: { config?: string; json: boolean }) => {
      found({ name: "preview", configPath: options.config, incidentId, json: options.json });
    });
}

function parseIncidentId(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a number such as 2095.");
}

/** An empty value would end as "not an indicator", which hides the unset variable it came from. */
function parseValue(text: string): string {
  if (text.trim() === "") throw new InvalidArgumentError("It is empty; is a variable not set?");
  return text;
}

/** Of another type nothing can be known, and that would be shown as an answer. */
function parseType(text: string): string {
  const type = text.toLowerCase();
  if (artifactTypes.has(type)) return type;
  const [whole, ...others] = [...artifactTypes].filter((name) => name.endsWith(`.${type}`));
  const meant = others.length === 0 && whole !== undefined ? whole : closestName(type, artifactTypes);
  if (meant !== undefined) throw new InvalidArgumentError(`Did you mean ${meant}?`);
  throw new InvalidArgumentError(`Allowed types are ${[...artifactTypes].sort().join(", ")}.`);
}

function onlyOption(what: string): Option {
  return new Option("--only <half>", what).choices(["server", "worker"] satisfies Half[]);
}

function configOption(): Option {
  return new Option(
    "--config <file>",
    "app.config; else $APP_CONFIG_FILE, ./app.config, ~/.resilient/app.config",
  );
}
