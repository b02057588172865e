/** A report lives in exactly one enclave. */
export interface ReportPlace {
  readonly enclaveId: string;
  readonly externalId: string;
}

/** The legacy app's: one enclave's report has it. */
export function firstExternalId(incidentId: number): string {
  return `RESILIENT${incidentId}`;
}

/** What the incident's reports in further enclaves are called. */
export function furtherExternalId(incidentId: number, enclaveId: string): string {
  return `${firstExternalId(incidentId)}-${enclaveId.slice(0, 8)}`;
}
