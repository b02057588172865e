import type { AccountPolicy } from "../../src/core/account.js";
import type { IncidentCatalog } from "../../src/core/incident.js";
import type { ReportService } from "../../src/core/report.js";
import { ActionError } from "./action-error.js";
import { LeakGuard } from "./report/leak-guard.js";

export interface ConfiguredAccount {
  readonly policy: AccountPolicy;
  readonly reports: ReportService;
}

/** A TruSTAR account with all that belongs to it; nothing is shared between accounts. */
export interface Account extends ConfiguredAccount {
  readonly guard: LeakGuard;
}

/** Which account takes an incident: the one that lists the incident's workspace. */
export class Accounts {
  readonly #catalog: IncidentCatalog;
  readonly #byWorkspace: ReadonlyMap<string, Account>;
  readonly all: readonly Account[];

  constructor(configured: readonly ConfiguredAccount[], catalog: IncidentCatalog) {
    this.#catalog = catalog;
    this.all = configured.map((one) => ({ ...one, guard: new LeakGuard(one.policy.leakGuard) }));
    this.#byWorkspace = new Map(
      this.all.flatMap((account) => account.policy.workspaces.map((name) => [name.trim(), account] as const)),
    );
  }

  /** @throws ActionError no account lists the workspace */
  async forWorkspace(workspaceId: number | undefined, signal: AbortSignal): Promise<Account> {
    if (workspaceId === undefined) {
      throw new ActionError(
        "The incident has no workspace, so it is not known which TruSTAR account is its own.",
      );
    }
    const workspace = await this.#catalog.workspace(workspaceId, signal);
    const name = workspace?.displayName.trim() ?? `number ${workspaceId}`;
    const account = this.#byWorkspace.get(name);
    if (account !== undefined) return account;
    throw new ActionError(
      `Workspace "${name}" has no TruSTAR account; add it to "workspace" of a [trustar_...] section of app.config.`,
    );
  }
}
