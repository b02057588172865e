import { ActionError } from "../action-error.js";
import type { ActionContext } from "../context.js";
import type { RuleMessage } from "../decode-message.js";
import { normaliseName } from "../normalise-name.js";
import { ruleNames, rules } from "./rule-table.js";
import type { RuleHandler } from "./rule-request.js";

/** A rule's name as it stands in Resilient; undefined when there is none, or it may not be read. */
export type RuleName = (actionId: number, signal: AbortSignal) => Promise<string | undefined>;

export function isOurRule({ name }: { readonly name: string }): boolean {
  return rules.has(normaliseName(name));
}

/** @throws ActionError the rule is not one of ours, or sends too little */
export async function runRule(
  context: ActionContext,
  message: RuleMessage,
  ruleName: RuleName,
): Promise<string> {
  const handler = await findHandler(message.actionId, ruleName, context.signal);
  const { incident, artifact, operation } = message;
  if (incident === undefined) throw new ActionError("Nothing was done: the message names no incident.");
  return handler(context, { incident, artifact, operation });
}

async function findHandler(
  actionId: number | undefined,
  ruleName: RuleName,
  signal: AbortSignal,
): Promise<RuleHandler> {
  if (actionId === undefined) {
    throw new ActionError(
      "Nothing was done: a workflow's message has no rule name. Use one of the TruSTAR functions in the workflow.",
    );
  }
  const name = await ruleName(actionId, signal);
  if (name === undefined) {
    throw new ActionError(
      `Nothing was done: the name of rule ${actionId} can't be read. Allow this integration's API key to read rules.`,
    );
  }
  const handler = rules.get(normaliseName(name));
  if (handler !== undefined) return handler;
  throw new ActionError(
    `Nothing was done: rule "${name}" is unknown here. Rules that may use this destination are ${ruleNames}.`,
  );
}
