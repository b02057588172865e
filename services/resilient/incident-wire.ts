import { z } from "zod";
import type { JsonObject } from "../../src/core/action.js";
import type { Incident, IncidentEdit, IncidentPrivacy } from "../../src/core/incident.js";
import { html, numbers, optional, text } from "./wire.js";

/** It comes out of JSON, so its values are JSON: to look at each of them would take long. */
const jsonObject = z.custom<JsonObject>(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
);
const id = optional(z.number());
const privacy = z.object({
  data_compromised: optional(z.boolean()),
  data_encrypted: optional(z.boolean()),
  data_format: id,
  data_source_ids: optional(numbers),
  exposure: id,
  harmstatus_id: id,
  gdpr_harm_risk: id,
});

/** FullIncidentDTO in the default handle format: ids. */
export const incidentAnswer = z.object({
  id: z.number(),
  name: z.string(),
  description: text,
  plan_status: z.enum(["A", "C"]),
  phase_id: id,
  severity_code: id,
  resolution_id: id,
  resolution_summary: text,
  workspace: id,
  incident_type_ids: optional(numbers),
  create_date: id,
  discovered_date: id,
  inc_start: id,
  // Older servers have these two beside `pii` as well, or instead.
  data_compromised: optional(z.boolean()),
  exposure: id,
  pii: optional(privacy),
  properties: optional(jsonObject),
  vers: id,
});

export type IncidentAnswer = z.infer<typeof incidentAnswer>;

export function toIncident(wire: IncidentAnswer): Incident {
  return {
    id: wire.id,
    name: wire.name,
    description: wire.description,
    status: wire.plan_status === "C" ? "closed" : "active",
    phaseId: wire.phase_id,
    severityId: wire.severity_code,
    resolutionId: wire.resolution_id,
    resolutionSummary: wire.resolution_summary,
    workspaceId: wire.workspace,
    incidentTypeIds: wire.incident_type_ids ?? [],
    createdMs: wire.create_date,
    discoveredMs: wire.discovered_date,
    incidentStartMs: wire.inc_start,
    privacy: toPrivacy(wire),
    customFields: wire.properties ?? {},
    version: wire.vers,
  };
}

function toPrivacy({ pii, data_compromised, exposure }: IncidentAnswer): IncidentPrivacy {
  return {
    dataCompromised: pii?.data_compromised ?? data_compromised,
    dataEncrypted: pii?.data_encrypted,
    dataFormatId: pii?.data_format,
    dataSourceIds: pii?.data_source_ids ?? [],
    exposure: pii?.exposure ?? exposure,
    harmStatusId: pii?.harmstatus_id,
    harmRiskId: pii?.gdpr_harm_risk,
  };
}

/** The edit in wire names; only what is to change. */
export function fromEdit(edit: IncidentEdit): Record<string, unknown> {
  const all: Record<string, unknown> = {
    name: edit.name,
    description: edit.description === undefined ? undefined : html(edit.description),
    severity_code: edit.severityId,
    incident_type_ids: edit.incidentTypeIds,
    plan_status: edit.status === undefined ? undefined : edit.status === "closed" ? "C" : "A",
    resolution_id: edit.resolutionId,
    resolution_summary: edit.resolutionSummary === undefined ? undefined : html(edit.resolutionSummary),
    properties: edit.customFields,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
