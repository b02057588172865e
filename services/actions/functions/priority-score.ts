import type { Priority } from "../../../src/core/indicator.js";
import { ActionError } from "../action-error.js";
import type { ActionContext } from "../context.js";
import { incidentInput, valueInput, type InputValues } from "../function-inputs.js";
import { refuseMaskedValue } from "../keep-inside.js";
import type { FunctionHandler } from "./function-result.js";

export const priorityScore: FunctionHandler = async (context, inputs) => {
  const value = inputs.requiredText(valueInput);
  refuseInside(context, value);
  context.stage("Asking TruSTAR for the priority.");
  const priorityLevel = await askPriority(context, inputs, value);
  const message =
    priorityLevel === "NOT_FOUND" ? "TruSTAR gives it no priority." : `Priority ${priorityLevel}.`;
  return { message, results: { priorityLevel } };
};

/** @throws ActionError a look-up would not ask about the value either */
function refuseInside({ staysInside }: ActionContext, value: string): void {
  const reason = staysInside(value);
  if (reason === undefined) return;
  throw new ActionError(`TruSTAR was not asked: the value stays inside, because ${reason}.`);
}

/** The function as shipped has no incident: then the threat source's account is asked. */
async function askPriority(
  { accounts, incidents, priorityOf, signal }: ActionContext,
  inputs: InputValues,
  value: string,
): Promise<Priority> {
  if (inputs.has(incidentInput)) {
    const { workspaceId } = await incidents.getIncident(inputs.requiredIncidentId(), signal);
    const account = await accounts.forWorkspace(workspaceId, signal);
    const { policy, reports } = account;
    await refuseMaskedValue(account, value);
    return reports.priorityOf(value, policy.queryEnclaveIds, signal);
  }
  // Whose value it is can't be told.
  for (const account of accounts.all) await refuseMaskedValue(account, value);
  if (priorityOf !== undefined) return priorityOf(value, signal);
  throw new ActionError(
    `No TruSTAR account to ask: add the section [trustar_threat_source] to app.config, or give ${incidentInput}.`,
  );
}
