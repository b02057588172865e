import type { AccountPolicy } from "../../src/core/account.js";
import { listedItems } from "../../src/core/listed-items.js";
import type { Log } from "../../src/core/ports.js";
import type { Account } from "./accounts.js";
import type { ActionContext } from "./context.js";
import type { IncidentView } from "./incident-view.js";

/** The label of the incident's first type that `incident_types_to_exclude` of the account names. */
export async function excludedType(
  { catalog, signal }: ActionContext,
  { policy }: Account,
  { incident }: IncidentView,
): Promise<string | undefined> {
  const written = policy.excludedIncidentTypes;
  if (written === "") return undefined;
  const labels = await Promise.all(incident.incidentTypeIds.map((id) => catalog.incidentType(id, signal)));
  return labels.find((label) => label !== undefined && excludesType(written, label));
}

export function excludedSentence(type: string, { policy }: Account): string {
  return `Nothing sent: [${policy.name}] excludes incidents of type "${type}" (incident_types_to_exclude).`;
}

/**
 * Whether the value of `incident_types_to_exclude` names the type: as an item of a list in any case or, as the Python
 * app looked for it, anywhere in the value. That one excluded `"Phishing"`, `Phishing|Malware`, `Spear Phishing` and
 * labels with a comma, too, and what it kept inside stays inside.
 */
export function excludesType(written: string, label: string): boolean {
  const name = label.trim();
  return name !== "" && (written.includes(name) || listsType(written, name));
}

/** Whether it is one of the items, and not only a part of one. */
export function listsType(written: string, label: string): boolean {
  const items = comparableItems(written);
  const wanted = comparableItems(label);
  return items.some((_, at) => standsAt(items, at, wanted));
}

/** Items of the value that are no label of an incident type, as they are written. */
export function unknownTypes(written: string, labels: readonly string[]): readonly string[] {
  const items = typeItems(written);
  const comparable = comparableItems(written);
  const known = labels.map(comparableItems);
  const unknown: string[] = [];
  let at = 0;
  while (at < items.length) {
    // A label with a comma takes several items.
    const taken = known.filter((label) => standsAt(comparable, at, label)).map(({ length }) => length);
    if (taken.length === 0) unknown.push(...items.slice(at, at + 1));
    at += Math.max(1, ...taken);
  }
  return unknown;
}

/** Tells the administrator at start: a misspelt type keeps nothing inside. Never rejects. */
export async function warnOfUnknownTypes(
  policies: readonly AccountPolicy[],
  listLabels: () => Promise<readonly string[]>,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  const excluding = policies.filter(({ excludedIncidentTypes }) => excludedIncidentTypes !== "");
  if (excluding.length === 0) return;
  try {
    const labels = await listLabels();
    for (const { name, excludedIncidentTypes } of excluding) {
      const unknown = unknownTypes(excludedIncidentTypes, labels);
      if (unknown.length === 0) continue;
      log.warn(
        { account: name, unknown },
        `[${name}] incident_types_to_exclude has labels that Resilient does not know; write them as Resilient shows them`,
      );
    }
  } catch (error) {
    if (!signal.aborted)
      log.warn({ err: error }, "whether incident_types_to_exclude is right could not be checked");
  }
}

function typeItems(written: string): readonly string[] {
  return listedItems(written, ",;|\r\n");
}

function comparableItems(written: string): readonly string[] {
  return typeItems(written).map((item) => item.replace(/\s+/g, " ").toLowerCase());
}

function standsAt(items: readonly string[], at: number, wanted: readonly string[]): boolean {
  return wanted.length > 0 && wanted.every((item, offset) => items[at + offset] === item);
}
