import { readOriginLedger } from "../../services/actions/origin-ledger.js";
import { previewReport, type Preview } from "../../services/actions/preview-report.js";
import { anyMarker } from "../../services/actions/report/masking.js";
import { ResilientMetadata } from "../../services/resilient/metadata-cache.js";
import { createResilientClient } from "../../services/resilient/resilient-client.js";
import type { AppConfig } from "../config/app-config.js";
import { ConfigError } from "../core/errors.js";
import type { Log } from "../core/ports.js";
import { systemClock } from "../core/time.js";
import { memoryOf, originFile } from "./memory.js";
import { openAccount } from "./open-account.js";
import { Releasers } from "./releasers.js";
import { resilientOptions } from "./resilient-options.js";
import { ownLinksOf } from "./stays-inside.js";
import { Budgets } from "./trustar-access.js";

export type { Preview } from "../../services/actions/preview-report.js";

export interface PreviewDeps {
  readonly log: Log;
  readonly version: string;
  readonly signal: AbortSignal;
}

/** Reads one incident and TruSTAR's reports of it; neither side is written to, and the worker's memory is only read. */
export async function previewIncident(
  config: AppConfig,
  incidentId: number,
  { log, version, signal }: PreviewDeps,
): Promise<Preview> {
  const { worker } = config;
  if (worker === undefined) {
    const fix = "a preview needs [resilient] and at least one [trustar_<name>] section with a workspace";
    throw new ConfigError([`${config.path} configures no worker: ${fix}`]);
  }
  const clock = systemClock;
  const releasers = new Releasers(log);
  try {
    const client = createResilientClient({ ...resilientOptions(worker.resilient), log, clock });
    releasers.add("Resilient client", client.close);
    const budgets = new Budgets(clock);
    const ownLinks = ownLinksOf(config);
    releasers.add("budgets", () => {
      budgets.close();
    });
    const access = { log, clock, version, upstream: () => undefined, budgets, ownLinks };
    const options = {
      accounts: worker.accounts.map((account) => openAccount(account, access, releasers)),
      incidents: client,
      catalog: new ResilientMetadata(client, { clock, log }),
      ledger: await readOriginLedger({ log, file: originFile(memoryOf(config.threatService)) }),
      clock,
      log,
      ownLinks,
    };
    return await previewReport(options, incidentId, signal);
  } finally {
    await releasers.close();
  }
}

/** Whether a line holds something that was masked. */
export function isMasked(line: string): boolean {
  return line.search(anyMarker) >= 0;
}
