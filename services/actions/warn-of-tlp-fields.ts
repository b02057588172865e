import type { AccountPolicy } from "../../src/core/account.js";
import type { IncidentCatalog } from "../../src/core/incident.js";
import type { Log } from "../../src/core/ports.js";
import { noSuchField } from "./report/tlp.js";

/** Tells the administrator at start what would otherwise be told to the first analyst. Never rejects. */
export async function warnOfTlpFields(
  policies: readonly AccountPolicy[],
  catalog: IncidentCatalog,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  for (const { name, leakGuard } of policies) {
    const { tlpField } = leakGuard;
    if (tlpField === undefined) continue;
    try {
      if (await catalog.hasCustomField(tlpField, signal)) continue;
      const sentence = `[${name}] sends nothing to TruSTAR: ${noSuchField(tlpField, name)}`;
      log.warn({ account: name, tlpField }, sentence);
    } catch (error) {
      // Each incident asks again, and stays here as long as there is no answer.
      if (!signal.aborted)
        log.warn({ err: error, account: name }, "whether tlp_field is right could not be checked");
    }
  }
}
