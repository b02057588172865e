import type { ArtifactRecord, Incident, Note } from "../../../src/core/incident.js";
import { hitText } from "./hit-text.js";
import { richToText } from "./html-text.js";
import type { Labels } from "./labels.js";
import { ownHitText } from "./own-hit.js";
import { field, utcTime, yesNo } from "./plain-text.js";
import type { SectionLayout } from "./section-layout.js";

export async function summarySection(incident: Incident, labels: Labels): Promise<SectionLayout> {
  const [phase, severity, resolution] = await Promise.all([
    labels.phase(incident.phaseId),
    labels.severity(incident.severityId),
    labels.resolution(incident.resolutionId),
  ]);
  const closed = incident.status === "closed";
  const lines = [
    field("ID", String(incident.id)),
    field("Description", richToText(incident.description)),
    field("Phase", phase),
    field("Severity", severity),
    field("Create Date", utcTime(incident.createdMs)),
    field("Discovered Date", utcTime(incident.discoveredMs)),
    field("Incident Start", utcTime(incident.incidentStartMs)),
    field("Data Compromised", yesNo(incident.privacy.dataCompromised)),
    field("Status", closed ? "Closed" : "Active"),
  ];
  if (closed) {
    lines.push(field("Resolution", resolution));
    lines.push(field("Resolution Summary", richToText(incident.resolutionSummary)));
  }
  return { name: "Summary", lines, items: [], shortens: false };
}

export async function breachSection({ privacy }: Incident, labels: Labels): Promise<SectionLayout> {
  const [harmStatus, harmRisk, dataSources, dataFormat] = await Promise.all([
    labels.ofField("harmstatus_id", privacy.harmStatusId),
    labels.ofField("gdpr_harm_risk", privacy.harmRiskId),
    labels.ofValues("data_source_ids", privacy.dataSourceIds),
    labels.ofField("data_format", privacy.dataFormatId),
  ]);
  const lines = [
    field("Harm Foreseeable", harmStatus === "" ? harmRisk : harmStatus),
    field("Exposure", privacy.exposure === undefined ? "" : String(privacy.exposure)),
    field("Data Encrypted", yesNo(privacy.dataEncrypted)),
    field("Data Source IDs", dataSources),
    field("Data Format", dataFormat),
  ];
  return { name: "Personally Identifiable Information", lines, items: [], shortens: false };
}

/** In the order of their ids: each keeps its number when others are added. */
export async function artifactsSection(
  artifacts: readonly ArtifactRecord[],
  labels: Labels,
): Promise<SectionLayout> {
  const sorted = [...artifacts].sort((a, b) => a.id - b.id);
  const types = await labels.artifactTypes(sorted.map(({ typeId }) => typeId));
  const items = sorted.map((artifact, index) =>
    [
      `\tArtifact ${index + 1}`,
      "\tHits:",
      ...hitLines(artifact),
      field("Created", utcTime(artifact.createdMs)),
      field("Value", artifact.value),
      field("Type", types.get(artifact.typeId) ?? ""),
      field("ID", String(artifact.id)),
    ].join("\n"),
  );
  return { name: "Artifacts", lines: [], items, shortens: true };
}

function hitLines(artifact: ArtifactRecord): readonly string[] {
  return artifact.hits
    .map(({ properties }) => ownHitText(properties) ?? hitText(properties))
    .filter((text) => text !== "")
    .map((text, index) => `\t\tHit ${index + 1}: ${text}`);
}

export function notesSection(notes: readonly Note[]): SectionLayout {
  const items = notes.map((note, index) =>
    [`\tNote ${index + 1}`, field("ID", String(note.id)), field("Text", richToText(note.text))].join("\n"),
  );
  return { name: "Notes", lines: [], items, shortens: false };
}
