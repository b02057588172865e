import type { IncidentSource, IncidentWriter } from "../../src/core/incident.js";
import type { ReportService } from "../../src/core/report.js";

/** A preview that comes here has a fault. */
const refuse = (): Promise<never> => Promise.reject(new Error("a preview writes nothing"));

/**
 * The same account for a preview: what is there is read; what would be sent is taken and goes nowhere. TruSTAR's own
 * redaction is left out, because asking for it means sending the text.
 */
export function withoutSending(reports: ReportService): ReportService {
  return {
    find: (externalId, signal) => reports.find(externalId, signal),
    waitUntilProcessed: (reportId, signal) => reports.waitUntilProcessed(reportId, signal),
    indicatorsOf: (reportId, signal) => reports.indicatorsOf(reportId, signal),
    related: (...asked) => reports.related(...asked),
    priorityOf: (...asked) => reports.priorityOf(...asked),
    reportLink: (reportId) => reports.reportLink(reportId),
    indicatorLink: (indicator) => reports.indicatorLink(indicator),
    submit: () => Promise.resolve(""),
    update: () => Promise.resolve(),
    redact: (title, body) => Promise.resolve({ title, body }),
    remove: refuse,
    tag: refuse,
    whitelist: refuse,
    removeFromWhitelist: refuse,
  };
}

export function withoutWriting(incidents: IncidentSource): IncidentSource & IncidentWriter {
  return {
    getIncident: (...asked) => incidents.getIncident(...asked),
    listArtifacts: (...asked) => incidents.listArtifacts(...asked),
    getArtifact: (...asked) => incidents.getArtifact(...asked),
    listNotes: (...asked) => incidents.listNotes(...asked),
    noteHtml: (...asked) => incidents.noteHtml(...asked),
    createArtifact: refuse,
    createNote: refuse,
    updateNote: refuse,
    deleteNote: refuse,
    updateIncident: refuse,
  };
}
