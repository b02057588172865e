import type { ContentSection } from "../../../../src/core/account.js";
import type { ArtifactRecord, Incident, IncidentCatalog, Note } from "../../../../src/core/incident.js";
import { composeReport } from "../../../../services/actions/report/compose-report.js";
import type { ComposedReport } from "../../../../services/actions/report/report-layout.js";

export const anySignal = new AbortController().signal;

export function anIncident(change: Partial<Incident> = {}): Incident {
  return {
    id: 2095,
    name: "Phish",
    description: "mail from 45.9.148.1 seen",
    status: "active",
    phaseId: 1004,
    severityId: 4,
    resolutionId: undefined,
    resolutionSummary: "",
    workspaceId: 1,
    incidentTypeIds: [],
    createdMs: 1_700_000_000_000,
    discoveredMs: 1_700_000_200_000,
    incidentStartMs: 1_700_000_100_000,
    privacy: {
      dataCompromised: true,
      dataEncrypted: false,
      dataFormatId: undefined,
      dataSourceIds: [],
      exposure: 3,
      harmStatusId: undefined,
      harmRiskId: undefined,
    },
    customFields: {},
    version: 1,
    ...change,
  };
}

export function anArtifact(change: Partial<ArtifactRecord> = {}): ArtifactRecord {
  return {
    id: 5001,
    typeId: 1,
    value: "45.9.148.1",
    description: "",
    createdMs: 1_700_000_300_000,
    hits: [],
    ...change,
  };
}

export function aNote(text: string, id = 7): Note {
  return { id, parentId: undefined, text, createdMs: 1_700_000_400_000 };
}

const fields: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  harmstatus_id: { 1: "No", 3: "Yes" },
  gdpr_harm_risk: { 11: "Unlikely" },
  data_source_ids: { 100: "Mail server", 101: "Laptop" },
  data_format: { 2: "Paper" },
  tlp: { 71: "TLP:CLEAR", 72: "Green", 73: "TLP:AMBER", 74: "TLP:RED", 75: "to be decided" },
};

/** Knows a few ids; what the report never asks for isn't there. */
export const catalog: IncidentCatalog = {
  artifactTypeById: (id) => {
    const label = { 1: "IP Address", 3: "URL" }[id];
    return Promise.resolve(label === undefined ? undefined : { id, label, programmaticName: label });
  },
  artifactTypeByName: () => Promise.resolve(undefined),
  ensureArtifactType: () => Promise.reject(new Error("a report creates nothing")),
  phase: (id) => Promise.resolve(id === 1004 ? "Engage" : undefined),
  severity: (id) => Promise.resolve(id === 4 ? "Low" : undefined),
  resolution: (id) => Promise.resolve(id === 9 ? "Resolved" : undefined),
  incidentType: () => Promise.resolve(undefined),
  workspace: () => Promise.resolve(undefined),
  hasCustomField: (name) => Promise.resolve(name === "tlp"),
  fieldLabel: (field, value) => Promise.resolve(fields[field]?.[Number(value)]),
};

export function compose(
  incident: Partial<Incident>,
  sections: readonly ContentSection[],
  {
    artifacts = [],
    notes = [],
    nowMs = 1_800_000_000_000,
  }: { artifacts?: readonly ArtifactRecord[]; notes?: readonly Note[]; nowMs?: number } = {},
): Promise<ComposedReport> {
  return composeReport({
    incident: anIncident(incident),
    artifacts,
    notes,
    sections,
    labels: catalog,
    nowMs,
    signal: anySignal,
  });
}
