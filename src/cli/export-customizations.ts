import { existsSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { customizationFile } from "../app/customizing.js";
import { exitCodes, type Output } from "./command.js";
import { confirm } from "./confirm.js";
import type { Prompt } from "./prompt.js";

export interface ExportArguments {
  readonly file: string;
  readonly cwd: string;
  /** Overwrites without asking. */
  readonly yes: boolean;
  /** Programmatic name of the message destination. */
  readonly queue: string;
  readonly output: Output;
  readonly prompt: Prompt;
  readonly signal: AbortSignal;
}

/** `customize --export FILE` (`-` = standard output): what `customize` would bring in, as a file for Administrator Settings, Import. */
export async function exportCustomizations(args: ExportArguments): Promise<number> {
  const { output, prompt, queue } = args;
  if (args.file === "-") {
    output.out(customizationFile(queue));
    output.err(howToImport(queue));
    return exitCodes.ok;
  }
  const file = resolve(args.cwd, args.file);
  const isFree = args.yes || !existsSync(file);
  if (!isFree && !(await confirm(prompt, `${file} exists. Overwrite it?`, args.signal))) {
    output.err(`${file} exists and was left as it is; -y overwrites it.\n`);
    return exitCodes.failed;
  }
  try {
    writeFileSync(file, customizationFile(queue));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    output.err(`${file} could not be written: ${reason}\n`);
    return exitCodes.failed;
  }
  output.out(`${file} written, for message destination "${queue}".\n${howToImport(queue)}`);
  return exitCodes.ok;
}

function howToImport(queue: string): string {
  return `Import it under Administrator Settings, Organization, Import; then add the API key of this integration to the message
destination "${queue}" (Customization Settings, Message Destinations): an import can't do that.
`;
}
