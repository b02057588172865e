import type { ArtifactRecord } from "../../src/core/incident.js";
import type { IndicatorRef } from "../../src/core/report.js";
import type { Account } from "./accounts.js";
import { comparable } from "../core/indicator-value.js";
import type { ActionContext } from "./context.js";
import type { IncidentView } from "./incident-view.js";
import { keepNote, noteOnRecord, ourNote, replaceableNote } from "./note-keeper.js";
import { indicatorsNote } from "./notes/indicators-note.js";
import { noteLines } from "./notes/our-note.js";
import { indicatorsInNote, isOnlyIndicators } from "./notes/read-indicators-note.js";
import { contentHash } from "./origin-ledger.js";
import { oneLine } from "./report/plain-text.js";
import { indicatorType } from "./trustar-types.js";

/**
 * The incident's one note on correlated indicators: what it lists stays, new ones come behind. Artifacts that a
 * crashed run added without coming to the note are made up for; with nothing to add, nothing is written. When an analyst
 * has written in it, it is theirs, and what is new comes into a note of its own.
 */
export async function keepIndicatorsNote(
  context: ActionContext,
  { reports }: Account,
  view: IncidentView,
  added: readonly IndicatorRef[],
): Promise<void> {
  const ours = (await view.artifacts()).filter((artifact) => view.isOurs(artifact));
  if (added.length === 0 && ours.length === 0) return;
  context.stage("Writing the note on correlated indicators.");
  const notes = await view.notes();
  const written = await noteOnRecord(context, view.id, "indicators", notes);
  const present = notes.find(({ id }) => id === written?.noteId);
  const lines = present === undefined ? [] : await noteLines(present.text);
  const said = lines.join("\n").toLowerCase();
  const unsaid = ours.filter(({ value }) => !said.includes(oneLine(value).toLowerCase()));
  if (added.length === 0 && unsaid.length === 0) return;
  const isKnown = await knownValues(context, view);
  const current = await replaceableNote(context, view, present, (shown) => isOnlyIndicators(shown, isKnown));
  const listed = current === undefined ? [] : indicatorsInNote(lines);
  const all = withoutTwins([...listed, ...(await toIndicators(context, unsaid)), ...added]);
  const html = indicatorsNote(all, (indicator) => reports.indicatorLink(indicator));
  // A server may show a value otherwise than it was written; that is no reason to write it again.
  if (written?.hash === contentHash(html)) return;
  const same = written === undefined ? await ourNote(notes, written, html) : undefined;
  if (same !== undefined) {
    await context.ledger.recordNote(view.id, "indicators", { noteId: same.id, hash: contentHash(html) });
    return;
  }
  await keepNote(context, { incidentId: view.id, kind: "indicators", html, replaces: current });
}

/** Whether a value, as a note shows it, is or was an artifact of the incident. */
async function knownValues(
  { ledger }: ActionContext,
  view: IncidentView,
): Promise<(value: string) => boolean> {
  const shown = (value: string): string => comparable(oneLine(value));
  const present = new Set((await view.artifacts()).map(({ value }) => shown(value)));
  return (value) => present.has(shown(value)) || ledger.hasAdded(view.id, value);
}

async function toIndicators(
  { catalog, signal }: ActionContext,
  artifacts: readonly ArtifactRecord[],
): Promise<readonly IndicatorRef[]> {
  const refs = artifacts.map(async ({ typeId, value }) => {
    const label = (await catalog.artifactTypeById(typeId, signal))?.label ?? "";
    return { type: indicatorType(label, value) ?? "INDICATOR", value };
  });
  return Promise.all(refs);
}

function withoutTwins(indicators: readonly IndicatorRef[]): readonly IndicatorRef[] {
  return [
    ...new Map(indicators.toReversed().map((one) => [comparable(one.value), one])).values(),
  ].toReversed();
}
