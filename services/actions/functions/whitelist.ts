import type { ActionContext } from "../context.js";
import type { Account } from "../accounts.js";
import { typeInput, valueInput, type InputValues } from "../function-inputs.js";
import { accountToSend } from "../keep-inside.js";
import { undoWhitelist, whitelistValue } from "../whitelist.js";
import type { FunctionHandler } from "./function-result.js";

export const whitelistIndicator: FunctionHandler = async (context, inputs) => {
  const value = inputs.requiredText(valueInput);
  const account = await accountOfInput(context, inputs, value);
  const indicators = await whitelistValue(context, account, value);
  return {
    message: `Whitelisted in TruSTAR as ${indicators[0]?.type ?? "indicator"}.`,
    results: {
      indicators: indicators.map((indicator) => ({ type: indicator.type, value: indicator.value })),
    },
  };
};

export const undoWhitelistIndicator: FunctionHandler = async (context, inputs) => {
  const value = inputs.requiredText(valueInput);
  const label = await typeLabel(context, inputs.requiredText(typeInput));
  const account = await accountOfInput(context, inputs, value);
  await undoWhitelist(context, account, label, value);
  return { message: "Removed from TruSTAR's whitelist.", results: { status: "Done" } };
};

function accountOfInput(context: ActionContext, inputs: InputValues, value: string): Promise<Account> {
  return accountToSend(context, { id: inputs.requiredIncidentId(), workspaceId: undefined }, value);
}

/** Scripts give the label, older ones the id or the programmatic name. */
async function typeLabel({ catalog, signal }: ActionContext, given: string): Promise<string> {
  const type = /^\d+$/.test(given)
    ? await catalog.artifactTypeById(Number(given), signal)
    : await catalog.artifactTypeByName(given, signal);
  return type?.label ?? given;
}
