import type { JsonValue } from "../../../src/core/artifact.js";
import type { LeakGuardPolicy, TlpLevel } from "../../../src/core/account.js";
import type { Incident, IncidentCatalog } from "../../../src/core/incident.js";
import { richToText } from "./html-text.js";
import { oneLine } from "./plain-text.js";

export interface TlpPolicy extends Pick<LeakGuardPolicy, "maxTlp" | "tlpField"> {
  /** The account's section. */
  readonly name: string;
}

/** Most open first. AMBER+STRICT (TLP 2.0: "to the organization only") is more than AMBER, whose readers are clients too. */
const ranks = ["WHITE", "GREEN", "AMBER", "AMBER+STRICT", "RED"] as const;
type Rank = (typeof ranks)[number];

const colour = String.raw`(?:CLEAR|WHITE|GREEN|AMBER(?:[\s+_-]*STRICT)?|RED)`;
/** `TLP:AMBER`, `amber`, `Amber (clients only)`: a level, and at most a remark set apart from it. */
const statement = new RegExp(String.raw`^(?:TLP[\s:_-]*)?${colour}(?:\s*[(,;/:–—-].*)?$`);
/** No level and its remark are longer. */
const longestStatement = 500;
const colours = new RegExp(String.raw`\b${colour}\b`, "g");

/**
 * A sentence for the analyst when the incident must not be sent, else undefined. RED never leaves, and what can't be
 * read counts as RED; nor does anything leave while the field is one that Resilient doesn't have. An empty field is
 * allowed: incidents from before the field would otherwise all be refused. A field that must be filled in is made so in
 * Resilient.
 */
export async function tlpRefusal(
  incident: Incident,
  policy: TlpPolicy,
  labels: IncidentCatalog,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { tlpField: field, maxTlp } = policy;
  if (field === undefined) return undefined;
  const isThere = Object.hasOwn(incident.customFields, field) || (await labels.hasCustomField(field, signal));
  if (!isThere) return `Not sent to TruSTAR: ${noSuchField(field, policy.name)} Until then nothing is sent.`;
  const value = Object.hasOwn(incident.customFields, field) ? incident.customFields[field] : null;
  const texts = await textsOf(value ?? null, (id) => labels.fieldLabel(field, id, signal));
  const given = texts.map(oneLine).filter((text) => text !== "");
  if (given.length === 0) return undefined;
  const levels = given.map(readTlp);
  const unreadable = given[levels.indexOf(undefined)];
  if (unreadable !== undefined) return unknownSentence(field, unreadable);
  const level = strictest(levels.filter((one) => one !== undefined));
  return rankOf(level) <= allowedRank(maxTlp) ? undefined : refusalSentence(field, level, maxTlp);
}

/** For the analyst, and for the log at start. */
export function noSuchField(field: string, account: string): string {
  return (
    `incidents have no custom field "${field}", which tlp_field in [${account}] of app.config names. Set it to the ` +
    "API name of the field that holds the TLP."
  );
}

/** Undefined: no level of the traffic light protocol. */
export function readTlp(text: string): Rank | undefined {
  if (text.length > longestStatement) return undefined;
  const upper = text.normalize("NFKC").trim().toUpperCase();
  return statement.test(upper) ? strictest((upper.match(colours) ?? []).map(toRank)) : undefined;
}

function toRank(word: string): Rank {
  if (word === "CLEAR") return "WHITE";
  if (word.startsWith("AMBER") && word !== "AMBER") return "AMBER+STRICT";
  return ranks.find((rank) => rank === word) ?? "RED";
}

function rankOf(rank: Rank): number {
  return ranks.indexOf(rank);
}

function strictest(levels: readonly Rank[]): Rank {
  return ranks[Math.max(0, ...levels.map(rankOf))] ?? "RED";
}

function allowedRank(maxTlp: TlpLevel): number {
  return rankOf(maxTlp === "RED" ? "AMBER+STRICT" : maxTlp);
}

/** A select is an id, on some settings of the server an object; of several values all are looked at. */
async function textsOf(
  value: JsonValue,
  label: (id: number | string) => Promise<string | undefined>,
): Promise<readonly string[]> {
  if (value === null) return [];
  if (typeof value === "number") return [(await label(value)) ?? String(value)];
  if (typeof value === "boolean") return [String(value)];
  if (typeof value === "string") {
    const text = (await richToText(value)).trim();
    return [/^\d+$/.test(text) ? ((await label(Number(text))) ?? text) : text];
  }
  if (isList(value)) return (await Promise.all(value.map((item) => textsOf(item, label)))).flat();
  const inner = value["label"] ?? value["name"] ?? value["content"] ?? value["id"];
  return inner === undefined ? [JSON.stringify(value)] : textsOf(inner, label);
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function refusalSentence(field: string, level: Rank, maxTlp: TlpLevel): string {
  const fact = `Not sent to TruSTAR: the incident is TLP:${level} (field "${field}")`;
  if (level === "RED") return `${fact}, which never leaves.`;
  return `${fact}, and this account sends nothing above TLP:${maxTlp} (max_tlp).`;
}

function unknownSentence(field: string, text: string): string {
  const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  return (
    `Not sent to TruSTAR: the field "${field}" says "${shown}", which is no TLP level and is treated as TLP:RED. ` +
    "Set it to CLEAR, GREEN, AMBER or AMBER+STRICT to send the incident."
  );
}
