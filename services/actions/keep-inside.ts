import type { Incident } from "../../src/core/incident.js";
import type { Account } from "./accounts.js";
import { ActionError } from "./action-error.js";
import type { ActionContext } from "./context.js";
import type { IncidentSnapshot } from "./decode-message.js";
import { tlpRefusal } from "./report/tlp.js";

/**
 * The account of the incident, for a single value of it that is to be sent.
 * @throws ActionError the incident's TLP or the account's leak guard keeps the value inside, or it is a link to TruSTAR
 */
export async function accountToSend(
  context: ActionContext,
  { id, workspaceId }: IncidentSnapshot,
  value: string,
): Promise<Account> {
  const { accounts, incidents, signal } = context;
  const read = workspaceId === undefined ? await incidents.getIncident(id, signal) : undefined;
  const account = await accounts.forWorkspace(workspaceId ?? read?.workspaceId, signal);
  await refuseMaskedValue(account, value);
  if (context.ownLinks.areIn(value)) {
    throw new ActionError(
      "Not sent to TruSTAR: the value is a link to TruSTAR itself, which is no indicator.",
    );
  }
  if (account.policy.leakGuard.tlpField === undefined) return account;
  await refuseByTlp(context, account, read ?? (await incidents.getIncident(id, signal)));
  return account;
}

/** @throws ActionError a report would not show the value either */
export async function refuseMaskedValue({ policy, guard }: Account, value: string): Promise<void> {
  const { masked } = await guard.apply({ title: "", body: value });
  const key =
    masked.domains > 0
      ? "own_domains"
      : masked.addresses > 0
        ? "mask_private_addresses"
        : masked.terms > 0
          ? "redact_terms"
          : undefined;
  if (key === undefined) return;
  throw new ActionError(`Not sent to TruSTAR: the value is kept inside by ${key} in [${policy.name}].`);
}

/** @throws ActionError the incident's TLP is above what the account may send */
export async function refuseByTlp(
  { catalog, signal }: ActionContext,
  { policy: { name, leakGuard } }: Account,
  incident: Incident,
): Promise<void> {
  const refusal = await tlpRefusal(incident, { name, ...leakGuard }, catalog, signal);
  if (refusal !== undefined) throw new ActionError(refusal);
}
