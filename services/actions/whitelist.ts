import type { IndicatorRef } from "../../src/core/report.js";
import type { Account } from "./accounts.js";
import { ActionError } from "./action-error.js";
import type { ActionContext } from "./context.js";
import { indicatorType } from "./trustar-types.js";

/** @throws ActionError TruSTAR does not recognise the value: it leaves it out of its answer */
export async function whitelistValue(
  { signal, stage }: ActionContext,
  { reports }: Account,
  value: string,
): Promise<readonly IndicatorRef[]> {
  stage("Whitelisting in TruSTAR.");
  const recognised = await reports.whitelist([value], signal);
  if (recognised.length > 0) return recognised;
  throw new ActionError("TruSTAR did not whitelist the value: it was not recognised as an indicator.");
}

/** @param typeLabel what the artifact's type is called in Resilient */
export async function undoWhitelist(
  { signal, stage }: ActionContext,
  { reports }: Account,
  typeLabel: string,
  value: string,
): Promise<void> {
  const type = indicatorType(typeLabel, value);
  if (type === undefined) {
    throw new ActionError(
      `TruSTAR has no kind of indicator for artifacts of type "${typeLabel}", so none is whitelisted.`,
    );
  }
  stage("Removing from TruSTAR's whitelist.");
  await reports.removeFromWhitelist({ type, value }, signal);
}
