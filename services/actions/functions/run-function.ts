import type { Reply } from "../../../src/core/action.js";
import { ActionError } from "../action-error.js";
import type { ActionContext } from "../context.js";
import type { FunctionMessage } from "../decode-message.js";
import { foreseen } from "../foreseen.js";
import { normaliseName } from "../normalise-name.js";
import { functions } from "./function-table.js";

export function isOurFunction({ name }: { readonly name: string }): boolean {
  return functions.has(normaliseName(name));
}

/**
 * A known failure is a result: the workflow's script reads `error` first, and stops with a KeyError where there is none.
 * @throws ActionError the function is not one of ours
 */
export async function runFunction(context: ActionContext, message: FunctionMessage): Promise<Reply> {
  const handler = functions.get(normaliseName(message.name));
  if (handler === undefined) {
    throw new ActionError(
      `Nothing was done: function "${message.name}" is unknown here. Functions that may use this destination are ` +
        `${[...functions.keys()].join(", ")}.`,
    );
  }
  try {
    const { message: done, results } = await handler(context, message.inputs);
    return { outcome: "done", message: done, results: { ...results, error: null } };
  } catch (error) {
    const known = foreseen(error, context.signal);
    const facts = { function: message.name, code: known.code, reason: known.message };
    context.log.warn(facts, "A function ended in a known failure");
    return { outcome: "done", message: known.message, results: { error: known.message } };
  }
}
