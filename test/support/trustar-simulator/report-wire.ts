import type { Report } from "./report-store.js";

/** Optional fields are absent, not null. */
export function reportWire(report: Report): Readonly<Record<string, unknown>> {
  const { externalTrackingId, externalUrl } = report;
  return {
    id: report.id,
    created: report.created,
    updated: report.updated,
    title: report.title,
    distributionType: "ENCLAVE",
    enclaveIds: [report.enclaveId],
    timeBegan: report.timeBegan,
    reportBody: report.reportBody,
    ...(externalTrackingId === undefined ? {} : { externalTrackingId }),
    ...(externalUrl === undefined ? {} : { externalUrl }),
  };
}

/** As in lists of found reports: no body. */
export function reportHeading(report: Report): Readonly<Record<string, unknown>> {
  return { ...reportWire(report), reportBody: null };
}
