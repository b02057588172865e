import { openCustomizing, type CustomizationStep, type Customizing } from "../app/customizing.js";
import type { AppConfig } from "../config/app-config.js";
import { ConfigError, UpstreamError } from "../core/errors.js";
import type { Log } from "../core/ports.js";
import { exitCodes, type Output } from "./command.js";
import { confirm } from "./confirm.js";
import type { Prompt } from "./prompt.js";

export interface CustomizeArguments {
  /** Replaces without asking. */
  readonly yes: boolean;
  readonly dryRun: boolean;
  readonly config: AppConfig;
  readonly log: Log;
  readonly output: Output;
  readonly prompt: Prompt;
  readonly signal: AbortSignal;
}

/** `customize`: brings what the worker needs into Resilient, and leaves alone what an administrator has changed. */
export async function customize(args: CustomizeArguments): Promise<number> {
  const { config, log, output, signal, dryRun } = args;
  if (config.worker === undefined) {
    const fix = "customize needs [resilient] and [trustar], or one [trustar_<name>] section with a workspace";
    throw new ConfigError([`${config.path} configures no worker: ${fix}`]);
  }
  const { resilient, queue } = config.worker;
  using customizing = await openCustomizing(config.worker, log, signal).catch(withWayOut);
  output.out(`Resilient at ${resilient.host}, organization "${customizing.orgName}"\n`);
  output.out(describe(customizing, queue));
  if (dryRun) {
    output.out("Dry run: nothing has been changed.\n");
    return exitCodes.ok;
  }
  const replaced = await chooseReplaced(customizing.steps, args);
  const missing = stepsIn(customizing, "missing");
  if (missing.length === 0 && replaced.size === 0 && customizing.isListener) {
    output.out(nothingToDo(customizing));
    return exitCodes.ok;
  }
  const { messages, isNewListener } = await customizing.apply(replaced);
  for (const message of messages) output.out(`  Resilient says: ${message}\n`);
  const kept = stepsIn(customizing, "different").length - replaced.size;
  output.out(`Done: ${missing.length} added, ${replaced.size} replaced, ${kept} kept as they are.\n`);
  if (isNewListener) output.out(`This account may now listen on message destination "${queue}".\n`);
  output.out(layoutHint);
  return exitCodes.ok;
}

/** Rights that an import needs are more than many want to give to an integration's key. */
function withWayOut(error: unknown): never {
  if (!(error instanceof UpstreamError && error.code === "upstream_forbidden")) throw error;
  const { code, message, status } = error;
  const way = 'or write a file with "customize --export FILE" and import it as an administrator';
  throw new UpstreamError(code, `${message}; ${way}`, { status }, { cause: error });
}

const layoutHint = `By hand, once: if several workspaces are used, put the field Workspace on the form for new incidents
(Customization Settings, Layouts, New Incident Wizard), so that each incident gets the right TruSTAR account.
`;

function stepsIn({ steps }: Customizing, state: CustomizationStep["state"]): readonly CustomizationStep[] {
  return steps.filter((step) => step.state === state);
}

function describe(customizing: Customizing, queue: string): string {
  const same = stepsIn(customizing, "same").length;
  return [
    ...stepsIn(customizing, "missing").map(({ title }) => `  + ${title} is missing`),
    ...stepsIn(customizing, "different").map(
      ({ title, differences }) => `  ~ ${title} differs (${differences.join(", ")})`,
    ),
    ...(customizing.isListener ? [] : [`  + this account is not on message destination "${queue}" yet`]),
    `  = ${same} of ${customizing.steps.length} objects are as they should be`,
    "",
  ].join("\n");
}

async function chooseReplaced(
  steps: readonly CustomizationStep[],
  { yes, prompt, signal }: CustomizeArguments,
): Promise<ReadonlySet<CustomizationStep>> {
  const replaced = new Set<CustomizationStep>();
  for (const step of steps) {
    if (step.state !== "different") continue;
    if (yes || (await confirm(prompt, `Replace ${step.title}?`, signal))) replaced.add(step);
  }
  return replaced;
}

function nothingToDo(customizing: Customizing): string {
  const kept = stepsIn(customizing, "different").length;
  return kept === 0 ? "Nothing to do.\n" : `Nothing to do; ${kept} kept as they are (-y replaces them).\n`;
}
