import type { Priority } from "../../../src/core/indicator.js";
import { ActionError } from "../action-error.js";
import type { ActionContext } from "../context.js";
import { incidentInput, valueInput, type InputValues } from "../function-inputs.js";
import type { FunctionHandler } from "./function-result.js";

export const priorityScore: FunctionHandler = async (context, inputs) => {
  const value = inputs.requiredText(valueInput);
  context.stage("Asking TruSTAR for the priority.");
  const priorityLevel = await askPriority(context, inputs, value);
  const message =
    priorityLevel === "NOT_FOUND" ? "TruSTAR gives it no priority." : `Priority ${priorityLevel}.`;
  return { message, results: { priorityLevel } };
};

/** The function as shipped has no incident: then the threat source's account is asked. */
async function askPriority(
  { accounts, incidents, priorityOf, signal }: ActionContext,
  inputs: InputValues,
  value: string,
): Promise<Priority> {
  if (inputs.has(incidentInput)) {
    const { workspaceId } = await incidents.getIncident(inputs.requiredIncidentId(), signal);
    const { policy, reports } = await accounts.forWorkspace(workspaceId, signal);
    return reports.priorityOf(value, policy.queryEnclaveIds, signal);
  }
  if (priorityOf !== undefined) return priorityOf(value, signal);
  throw new ActionError(
    `No TruSTAR account to ask: add the section [trustar_threat_source] to app.config, or give ${incidentInput}.`,
  );
}
