import { openSecretStore } from "../app/secret-store.js";
import type { KeyringName } from "../config/keyring-names.js";
import { loadSecretsOfConfig } from "../config/load-secret-store.js";
import type { ConfigPlaces } from "../config/locate-config.js";
import { describeSecretStore } from "../config/secret-store.js";
import { exitCodes, type Output } from "./command.js";
import { askForSecrets, storePiped, type Filling } from "./fill-keyring.js";
import { isKeyringTrouble, printStatus, troubleInWords } from "./keyring-status.js";
import type { Prompt } from "./prompt.js";

export interface KeyringArguments {
  readonly places: ConfigPlaces;
  /** Only tell which are set. */
  readonly status: boolean;
  /** The one value to store the secret of, as `section/key`; undefined = all of them. */
  readonly only: string | undefined;
  readonly prompt: Prompt;
  readonly output: Output;
}

/** `keyring`: stores the secrets that the app.config refers to with `^`, and never prints one. */
export async function keyring({ places, status, only, prompt, output }: KeyringArguments): Promise<number> {
  const { path, store: choice, names, problems } = loadSecretsOfConfig(places);
  output.out(`Secrets of ${path}, kept in ${describeSecretStore(choice)}:\n`);
  for (const problem of problems) output.err(`${problem}\n`);
  if (names.length === 0) {
    output.out("None: no value starts with ^. Write ^name as the value of a key, and run this again.\n");
    return exitCodes.ok;
  }
  const store = openSecretStore(choice, (keyFile) => {
    output.out(`Made the key file ${keyFile}: without it nothing opens the secrets.\n`);
  });
  if (status) return printStatus(names, store, places, output);
  const chosen = only === undefined ? names : names.filter(({ usedBy }) => usedBy.includes(only));
  const refusal = whyNot(chosen, only, prompt);
  if (refusal !== undefined) {
    output.err(`${refusal}\n${names.map(({ usedBy }) => `  ${usedBy.join(", ")}\n`).join("")}`);
    return exitCodes.failed;
  }
  try {
    const filling: Filling = { names: chosen, store, prompt, output };
    return await (prompt.interactive ? askForSecrets(filling) : storePiped(filling));
  } catch (error) {
    if (!isKeyringTrouble(error)) throw error;
    output.err(`${troubleInWords(error.message, store)}\n`);
    return exitCodes.failed;
  }
}

function whyNot(
  chosen: readonly KeyringName[],
  only: string | undefined,
  prompt: Prompt,
): string | undefined {
  if (chosen.length === 0) return `${only ?? ""} is none of the values that refer to a secret:`;
  if (prompt.interactive || (only !== undefined && chosen.length === 1)) return undefined;
  return (
    "Standard input is no terminal, so nobody can be asked. Run this at a terminal, or store one secret at a time " +
    "from a pipe: … | trustar-resilient keyring --set <section>/<key>, which is one of:"
  );
}
