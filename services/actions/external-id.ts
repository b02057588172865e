import type { AccountPolicy } from "../../src/core/account.js";

export interface ReportPlace {
  readonly enclaveId: string;
  readonly externalId: string;
}

/** Where the reports of an incident are: a report lives in exactly one enclave, the first keeps the legacy name. */
export function reportPlaces(policy: AccountPolicy, incidentId: number): readonly ReportPlace[] {
  return policy.submissionEnclaveIds.map((enclaveId, index) => ({
    enclaveId,
    externalId:
      index === 0 ? firstExternalId(incidentId) : `${firstExternalId(incidentId)}-${enclaveId.slice(0, 8)}`,
  }));
}

export function firstExternalId(incidentId: number): string {
  return `RESILIENT${incidentId}`;
}
