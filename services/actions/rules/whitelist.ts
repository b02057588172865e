import { ActionError } from "../action-error.js";
import { accountToSend } from "../keep-inside.js";
import { undoWhitelist, whitelistValue } from "../whitelist.js";
import { artifactOf, type RuleHandler } from "./rule-request.js";

export const whitelistArtifact: RuleHandler = async (context, request) => {
  const { value } = artifactOf(request);
  const account = await accountToSend(context, request.incident, value);
  const [indicator] = await whitelistValue(context, account, value.trim());
  return `Whitelisted in TruSTAR as ${indicator?.type ?? "indicator"}.`;
};

export const undoWhitelistArtifact: RuleHandler = async (context, request) => {
  const { typeId, value } = artifactOf(request);
  const account = await accountToSend(context, request.incident, value);
  const type =
    typeId === undefined ? undefined : await context.catalog.artifactTypeById(typeId, context.signal);
  if (type === undefined) throw new ActionError("Resilient does not say of which type the artifact is.");
  await undoWhitelist(context, account, type.label, value.trim());
  return "Removed from TruSTAR's whitelist.";
};
