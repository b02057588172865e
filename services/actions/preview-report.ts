import type { AccountPolicy } from "../../src/core/account.js";
import type { Incident, IncidentCatalog, IncidentSource } from "../../src/core/incident.js";
import type { OwnLinks } from "../core/own-links.js";
import type { Log } from "../../src/core/ports.js";
import type { Clock } from "../../src/core/time.js";
import { Accounts, type ConfiguredAccount } from "./accounts.js";
import type { ActionContext } from "./context.js";
import { IncidentView } from "./incident-view.js";
import type { OriginLedger } from "./origin-ledger.js";
import { publishReport, type Publication } from "./publish-report.js";
import { RelationsMemory } from "./related.js";
import { withoutSending, withoutWriting } from "./read-only.js";

export interface PreviewOptions {
  readonly accounts: readonly ConfiguredAccount[];
  readonly incidents: IncidentSource;
  readonly catalog: IncidentCatalog;
  /** A copy: what the preview would have to remember is lost with it. */
  readonly ledger: OriginLedger;
  readonly clock: Clock;
  readonly log: Log;
  readonly ownLinks: OwnLinks;
}

export interface Preview {
  readonly incident: Incident;
  readonly policy: AccountPolicy;
  /** As "Send To TruSTAR" would leave it. */
  readonly publication: Publication;
}

/**
 * What "Send To TruSTAR" would send of an incident, by the very steps of sending it, on services that send nothing.
 * @throws ActionError nothing would be sent, and why
 */
export async function previewReport(
  options: PreviewOptions,
  incidentId: number,
  signal: AbortSignal,
): Promise<Preview> {
  const { catalog, ledger, clock, log, ownLinks } = options;
  const accounts = options.accounts.map((one) => ({ ...one, reports: withoutSending(one.reports) }));
  const context: ActionContext = {
    accounts: new Accounts(accounts, catalog),
    incidents: withoutWriting(options.incidents),
    catalog,
    ledger,
    relations: new RelationsMemory(),
    clock,
    log,
    priorityOf: undefined,
    staysInside: () => undefined,
    ownLinks,
    signal,
    stage: () => undefined,
    gather: () => Promise.resolve(),
  };
  const view = await IncidentView.read(incidentId, context);
  const account = await context.accounts.forWorkspace(view.incident.workspaceId, signal);
  const publication = await publishReport(context, account, view, { maySubmit: true });
  return { incident: view.incident, policy: account.policy, publication };
}
