import { breathe } from "../../../src/core/breathe.js";
import type { ArtifactRecord, Incident, Note } from "../../../src/core/incident.js";
import { hitText } from "./hit-text.js";
import { richToText } from "./html-text.js";
import type { Labels } from "./labels.js";
import { ownHitText } from "./own-hit.js";
import { cleanLongText, field, fieldOfLines, utcTime, yesNo } from "./plain-text.js";
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
    await textField("Description", incident.description),
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
    lines.push(await textField("Resolution Summary", incident.resolutionSummary));
  }
  return { name: "Summary", lines, items: [], itemName: undefined };
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
  return { name: "Personally Identifiable Information", lines, items: [], itemName: undefined };
}

/** In the order of their ids: each keeps its number when others are added. */
export async function artifactsSection(
  artifacts: readonly ArtifactRecord[],
  labels: Labels,
): Promise<SectionLayout> {
  const sorted = [...artifacts].sort((a, b) => a.id - b.id);
  const types = await labels.artifactTypes(sorted.map(({ typeId }) => typeId));
  const items: string[] = [];
  for (const artifact of sorted) {
    const lines = [
      `\tArtifact ${items.length + 1}`,
      "\tHits:",
      ...(await hitLines(artifact)),
      field("Created", utcTime(artifact.createdMs)),
      fieldOfLines("Value", await cleanLongText(artifact.value)),
      field("Type", types.get(artifact.typeId) ?? ""),
      field("ID", String(artifact.id)),
    ];
    items.push(lines.join("\n"));
    await breathe();
  }
  return { name: "Artifacts", lines: [], items, itemName: "artifact" };
}

async function hitLines({ hits }: ArtifactRecord): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const { properties } of hits) {
    const text = ownHitText(properties) ?? (await hitText(properties));
    if (text !== "") lines.push(`\t\tHit ${lines.length + 1}: ${text}`);
  }
  return lines;
}

export async function notesSection(notes: readonly Note[]): Promise<SectionLayout> {
  const items: string[] = [];
  for (const note of notes) {
    const text = await textField("Text", note.text);
    items.push([`\tNote ${items.length + 1}`, field("ID", String(note.id)), text].join("\n"));
    await breathe();
  }
  return { name: "Notes", lines: [], items, itemName: "note" };
}

async function textField(label: string, text: string): Promise<string> {
  return fieldOfLines(label, await cleanLongText(await richToText(text)));
}
