import type { ConfiguredAccount } from "../../services/actions/accounts.js";
import { TrustarReports } from "../../services/trustar/trustar-reports.js";
import type { AccountConfig } from "../config/app-config.js";
import type { Releasers } from "./releasers.js";
import { openTrustarAccess, type TrustarAccessDeps } from "./trustar-access.js";

const accountSockets = 8;

/** A TruSTAR account of the worker, with its own connections. */
export function openAccount(
  account: AccountConfig,
  deps: TrustarAccessDeps,
  releasers: Releasers,
): ConfiguredAccount {
  const access = openTrustarAccess(account, accountSockets, deps, releasers);
  const { client, keepQuotaFresh: beforeCost } = access;
  const onTrouble = (error: Error): void => {
    deps.log.warn(
      { err: error, account: account.policy.name },
      "TruSTAR could not be asked; it will be tried again",
    );
  };
  const { stationUrl } = account;
  const { clock, ownLinks } = deps;
  const reports = new TrustarReports({ client, clock, stationUrl, ownLinks, beforeCost, onTrouble });
  return { policy: account.policy, reports };
}
