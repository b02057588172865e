import { existsSync } from "node:fs";
import { readConfigText } from "../config/config-file.js";
import { parseTemplate } from "../config/config-template.js";
import { placeOfConfig, type ConfigPlaces } from "../config/locate-config.js";
import { updateConfig, type Addition } from "../config/update-config.js";
import { isTaken, makeFolderOf, replaceConfig, writeNewConfig } from "../config/write-config-file.js";
import { exitCodes, type Output } from "./command.js";
import type { Prompt } from "./prompt.js";

export interface ConfigArguments {
  readonly action: "create" | "update";
  readonly places: ConfigPlaces;
  /** The text of app.config.example. */
  readonly template: string;
  readonly prompt: Prompt;
  readonly output: Output;
}

/** `config`: makes an app.config, or adds to one what this version has in addition. */
export function config(given: ConfigArguments): Promise<number> {
  return given.action === "create" ? create(given) : update(given);
}

async function create({ places, template, prompt, output }: ConfigArguments): Promise<number> {
  const path = placeOfConfig(places);
  if (isTaken(path) && !(await mayReplace(path, prompt, output))) return exitCodes.failed;
  if (isUsualPlace(places)) await makeFolderOf(path);
  await writeNewConfig(path, template);
  output.out(
    `Made ${path}, readable for its owner only.\n` +
      "Next: put your own values into the lines without # in front, and delete the sections you don't need. " +
      "Secrets that you write as ^name are stored by trustar-resilient keyring.\n",
  );
  return exitCodes.ok;
}

/** Only the folder of the platform's own place is made; a misspelt one is not. */
function isUsualPlace({ explicitPath, env }: ConfigPlaces): boolean {
  return explicitPath === undefined && (env["APP_CONFIG_FILE"] ?? "") === "";
}

async function mayReplace(path: string, prompt: Prompt, output: Output): Promise<boolean> {
  if (!prompt.interactive) {
    output.err(
      `${path} is there already, and nobody can be asked whether to replace it: standard input is no terminal. ` +
        "Remove it first, or add what it lacks with config --update.\n",
    );
    return false;
  }
  const answer = await prompt.ask(`${path} is there already. Replace it, and lose what it says? [y/N] `);
  if (/^y(?:es)?$/i.test(answer.trim())) return true;
  output.err("Nothing changed.\n");
  return false;
}

async function update({ places, template, output }: ConfigArguments): Promise<number> {
  const path = placeOfConfig(places);
  if (!existsSync(path)) {
    output.err(`There is no file ${path}; name yours after --update, or make one with config --create.\n`);
    return exitCodes.failed;
  }
  const { text, added } = updateConfig(readConfigText(path), parseTemplate(template), path);
  if (added.length === 0) {
    output.out(`${path} has every section and key already; nothing changed.\n`);
    return exitCodes.ok;
  }
  await replaceConfig(path, text);
  output.out(
    `Added to ${path}:\n${added.map(inWords).join("")}All of it is commented out: nothing works differently.\n`,
  );
  return exitCodes.ok;
}

function inWords({ section, isNew, keys }: Addition): string {
  const what = { true: " (new section)", commented: " (new section, commented out)", false: "" }[`${isNew}`];
  return `  [${section}]${what}: ${keys.join(", ")}\n`;
}
