import type { IndicatorRef, Report, ReportDraft } from "../../src/core/report.js";
import type { AnalystCall } from "./analyst-calls.js";
import { idSegment } from "./path-segment.js";
import type { ReportDetails } from "./report-schema.js";

/** Submissions and updates are free of quota; everything else about reports counts. */

export function findCall(externalId: string): AnalystCall {
  return {
    method: "GET",
    endpoint: "/reports/{id}",
    path: `/reports/${idSegment(externalId)}`,
    query: { idType: "external" },
    costsQuota: true,
  };
}

export function submitCall(draft: ReportDraft): AnalystCall {
  return {
    method: "POST",
    endpoint: "/reports",
    body: {
      title: draft.title,
      reportBody: draft.body,
      externalTrackingId: draft.externalId,
      timeBegan: toIso(draft.timeBeganMs),
      enclaveIds: [draft.enclaveId],
    },
    values: [draft.title],
    texts: [draft.body],
    costsQuota: false,
    isBrief: true,
    once: true,
    priority: draft.afterLookups === true ? "lookup" : "analyst",
  };
}

/** TruSTAR replaces the whole report: what is not ours to change, its time above all, is sent back as it was. */
export function updateCall(report: Report, draft: ReportDraft): AnalystCall {
  return {
    method: "PUT",
    endpoint: "/reports/{id}",
    path: `/reports/${idSegment(report.id)}`,
    query: { idType: "internal" },
    body: {
      title: draft.title,
      reportBody: draft.body,
      externalTrackingId: draft.externalId,
      externalUrl: report.externalUrl,
      timeBegan: toIso(report.timeBegan) ?? toIso(draft.timeBeganMs),
      enclaveIds: [draft.enclaveId],
    },
    values: [draft.title, report.title],
    texts: [draft.body],
    costsQuota: false,
    priority: draft.afterLookups === true ? "lookup" : "analyst",
  };
}

export function removeCall(reportId: string): AnalystCall {
  return {
    method: "DELETE",
    endpoint: "/reports/{id}",
    path: `/reports/${idSegment(reportId)}`,
    query: { idType: "internal" },
    costsQuota: true,
    isBrief: true,
  };
}

export function tagCall(reportId: string, names: readonly string[]): AnalystCall {
  return {
    method: "POST",
    endpoint: "/reports/{id}/alter-tags",
    path: `/reports/${idSegment(reportId)}/alter-tags`,
    query: { idType: "internal" },
    body: { addedTags: names.map((name) => ({ name })), removedTags: [] },
    costsQuota: true,
    isBrief: true,
  };
}

export function statusCall(reportId: string): AnalystCall {
  return {
    method: "GET",
    endpoint: "/reports/{id}/status",
    path: `/reports/${idSegment(reportId)}/status`,
    costsQuota: true,
    isBrief: true,
  };
}

export function indicatorsCall(reportId: string, pageNumber: number, pageSize: number): AnalystCall {
  return {
    method: "GET",
    endpoint: "/reports/{id}/indicators",
    path: `/reports/${idSegment(reportId)}/indicators`,
    query: { idType: "internal", pageNumber, pageSize },
    costsQuota: true,
  };
}

export function whitelistCall(values: readonly string[]): AnalystCall {
  return { method: "POST", endpoint: "/whitelist", body: values, values, costsQuota: true };
}

export function unwhitelistCall({ type, value }: IndicatorRef): AnalystCall {
  return {
    method: "DELETE",
    endpoint: "/whitelist",
    query: { indicatorType: type, value },
    values: [value],
    costsQuota: true,
    isBrief: true,
  };
}

export function redactCall(title: string, body: string): AnalystCall {
  return {
    method: "POST",
    endpoint: "/redaction/report",
    body: { title, reportBody: body },
    values: [title],
    texts: [body],
    costsQuota: true,
  };
}

export function toReport(details: ReportDetails): Report {
  return {
    id: details.id,
    title: details.title ?? "",
    body: details.reportBody ?? "",
    externalId: details.externalTrackingId ?? details.externalId ?? undefined,
    externalUrl: details.externalUrl ?? undefined,
    enclaveIds: details.enclaveIds ?? [],
    createdMs: details.created ?? undefined,
    updatedMs: details.updated ?? undefined,
    timeBegan: details.timeBegan ?? undefined,
  };
}

/** To read a long text as a time takes long. */
const longestTime = 100;

/** ISO 8601 with an offset, as the documents want it; a text that is no time goes back as it came. */
function toIso(time: number | string | undefined): string | undefined {
  if (time === undefined) return undefined;
  if (typeof time === "string" && time.length > longestTime) return undefined;
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return typeof time === "string" ? time : undefined;
  return date.toISOString().replace("Z", "+00:00");
}
