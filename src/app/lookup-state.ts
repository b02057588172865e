import { createHash } from "node:crypto";
import type { LookupEngine } from "../../services/lookup/lookup-engine.js";
import { StateFile } from "../../services/lookup/state-file.js";
import type { ThreatServiceConfig, ThreatSourceConfig } from "../config/app-config.js";
import type { Log } from "../core/ports.js";
import type { Clock } from "../core/time.js";
import type { Releasers } from "./releasers.js";

/** The file in which look-ups survive a restart; undefined = none is wanted. */
export function openState(
  source: ThreatSourceConfig,
  service: ThreatServiceConfig,
  engine: LookupEngine,
  { log, clock }: { readonly log: Log; readonly clock: Clock },
): StateFile | undefined {
  if (service.stateFile === undefined) return undefined;
  const { url, stationUrl, enclaveIds, minPriority, hitDetail } = source;
  const verdictsDependOn = JSON.stringify([url, stationUrl, [...enclaveIds].sort(), minPriority, hitDetail]);
  return new StateFile({
    path: service.stateFile,
    fingerprint: fingerprintOf(verdictsDependOn),
    policy: fingerprintOf(JSON.stringify([...source.neverLookup].sort())),
    log,
    clock,
    snapshot: () => engine.snapshot(),
    unrecorded: () => engine.unrecorded(),
  });
}

/** What it has kept goes on. The engine may record in it from then on. */
export async function takeUpState(
  state: StateFile | undefined,
  engine: LookupEngine,
  releasers: Releasers,
): Promise<void> {
  if (state === undefined) return;
  await engine.restore(state.load());
  await state.flush();
  releasers.add("state file", () => state.close());
}

function fingerprintOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
