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

/** What the pipe brings, without the line end that `echo` puts there. @returns the exit code */
export async function storePiped({ names, store, prompt, output }: Filling): Promise<number> {
  const secret = (await prompt.readAll()).replace(/\r?\n$/, "");
  if (secret === "") {
    output.err("Standard input was empty: nothing is changed.\n");
    return exitCodes.failed;
  }
  for (const name of names) {
    store.write(name.service, name.username, new Secret(secret));
    output.out(`Stored ${inWords(name)}.\n`);
  }
  return exitCodes.ok;
}
