import type { KeyringName } from "../config/keyring-names.js";
import type { SecretStore } from "../core/ports.js";
import { Secret } from "../core/secret.js";
import { exitCodes, type Output } from "./command.js";
import { inWords, isSet } from "./keyring-status.js";
import type { Prompt } from "./prompt.js";

export interface Filling {
  readonly names: readonly KeyringName[];
  readonly store: SecretStore;
  readonly prompt: Prompt;
  readonly output: Output;
}

/** Asks for each secret twice; each is stored at once, so that stopping loses nothing. @returns the exit code */
export async function askForSecrets({ names, store, prompt, output }: Filling): Promise<number> {
  output.out("Nothing is shown while you type. Enter alone keeps what is there; Ctrl-C stops.\n");
  for (const name of names) {
    const wasSet = isSet(store, name.service, name.username);
    const secret = await askTwice(`\n${inWords(name)}, ${wasSet ? "set" : "not set"}: `, prompt, output);
    if (secret === undefined) output.out(wasSet ? "  Kept.\n" : "  Still not set.\n");
    else {
      store.write(name.service, name.username, secret);
      output.out("  Stored.\n");
    }
  }
  return exitCodes.ok;
}

async function askTwice(question: string, prompt: Prompt, output: Output): Promise<Secret | undefined> {
  for (;;) {
    const first = await prompt.askHidden(question);
    if (first === "") return undefined;
    if ((await prompt.askHidden("  Once more: ")) === first) return new Secret(first);
    output.err("  These two were different. Again:\n");
  }
}

/**
 * The first line of what the pipe brings: a secret is one line, and `pass show` prints remarks below it. PEM text, of
 * which a first line alone would be nothing, is taken whole. @returns the exit code
 */
export async function storePiped({ names, store, prompt, output }: Filling): Promise<number> {
  const piped = (await prompt.readAll()).replace(/^\uFEFF/, "");
  const [first = "", ...others] = piped.split(/\r\n|\r|\n/);
  const isPem = first.startsWith("-----BEGIN ");
  const secret = isPem ? piped.trimEnd() : first;
  if (secret.trim() === "") {
    const what =
      piped.trim() === "" ? "Standard input was empty" : "The first line of standard input is empty";
    output.err(`${what}: nothing is changed.\n`);
    return exitCodes.failed;
  }
  for (const name of names) {
    store.write(name.service, name.username, new Secret(secret));
    output.out(`Stored ${inWords(name)}.\n`);
  }
  const more = isPem ? 0 : others.filter((line) => line.trim() !== "").length;
  if (more > 0)
    output.err(
      `Only the first line is stored; ${more} more ${more === 1 ? "line is" : "lines are"} left out.\n`,
    );
  if (/^\s|\s$/.test(secret)) output.err("The secret begins or ends with a blank, which is stored, too.\n");
  return exitCodes.ok;
}
