import type { JsonObject } from "../../src/core/action.js";
import { keyOf, kinds, textOf, type Customization, type Kind } from "./customization.js";
import { differences, hindrances } from "./differences.js";

/** One object of ours against what the server has. */
export interface PlannedCustomization {
  /** Ours, referring to the server's objects. */
  readonly wanted: Customization;
  /** The server's, of the same key. */
  readonly existing: JsonObject | undefined;
  /** In words; empty when the server's is as good as ours, or absent. */
  readonly differences: readonly string[];
  /** Those of the differences with which the worker can't do its work; the others are an administrator's business. */
  readonly hindrances: readonly string[];
}

/** @param exported a configuration export of the server */
export function planCustomizations(
  ours: readonly Customization[],
  exported: JsonObject,
): readonly PlannedCustomization[] {
  const server = serverObjects(exported);
  const found = (one: Customization): JsonObject | undefined => server[one.kind].get(keyOf(one));
  const adopted = adoptUuids(ours, found);
  return adopted.map((wanted) => {
    const existing = found(wanted);
    return {
      wanted,
      existing,
      differences: existing === undefined ? [] : differences(wanted, existing),
      hindrances: existing === undefined ? [] : hindrances(wanted, existing),
    };
  });
}

export function isMissing({ existing }: PlannedCustomization): boolean {
  return existing === undefined;
}

export function isDifferent(one: PlannedCustomization): boolean {
  return one.differences.length > 0;
}

/** A rule that somebody has switched off. */
export function isOff({ wanted, existing }: PlannedCustomization): boolean {
  return wanted.kind === "actions" && existing?.["enabled"] === false;
}

/**
 * What to import: the missing ones, those to be replaced, and what they refer to, as the server has it. An import
 * leaves everything else alone.
 */
export function toImport(
  plan: readonly PlannedCustomization[],
  isReplaced: (one: PlannedCustomization) => boolean,
): readonly Customization[] {
  const isWritten = (one: PlannedCustomization): boolean => isMissing(one) || isReplaced(one);
  if (!plan.some(isWritten)) return [];
  const result = plan.map((one) => ({ one, body: isWritten(one) ? written(one) : (one.existing ?? {}) }));
  const started = new Set(
    result
      .filter(({ one }) => one.wanted.kind === "actions" && isWritten(one))
      .flatMap(({ body }) => (Array.isArray(body["workflows"]) ? (body["workflows"] as unknown[]) : [])),
  );
  const isNeeded = ({ wanted }: PlannedCustomization): boolean =>
    (wanted.kind !== "actions" && wanted.kind !== "workflows") || started.has(keyOf(wanted));
  return result
    .filter(({ one }) => isWritten(one) || isNeeded(one))
    .map(({ one, body }) => ({ kind: one.wanted.kind, body }));
}

/** A rule that an administrator has switched off stays off. */
function written(one: PlannedCustomization): JsonObject {
  const { wanted, existing } = one;
  return { ...existing, ...wanted.body, ...(isOff(one) ? { enabled: false } : {}) };
}

/** The server's UUIDs instead of ours, wherever they stand: workflows and functions refer by them. */
function adoptUuids(
  ours: readonly Customization[],
  found: (one: Customization) => JsonObject | undefined,
): readonly Customization[] {
  const theirs = new Map<string, string>();
  for (const one of ours) {
    const uuid = textOf(found(one) ?? {}, "uuid");
    // It goes into a JSON text as it is.
    if (/^[\w-]{1,64}$/.test(uuid)) theirs.set(textOf(one.body, "uuid"), uuid);
  }
  if (theirs.size === 0) return ours;
  const pattern = new RegExp([...theirs.keys()].join("|"), "g");
  const text = JSON.stringify(ours).replace(pattern, (uuid) => theirs.get(uuid) ?? uuid);
  return JSON.parse(text) as readonly Customization[];
}

type ServerObjects = Readonly<Record<Kind, ReadonlyMap<string, JsonObject>>>;

function serverObjects(exported: JsonObject): ServerObjects {
  const byKey = (kind: Kind): ReadonlyMap<string, JsonObject> => {
    const list = exported[kind];
    const bodies = Array.isArray(list) ? (list as readonly JsonObject[]) : [];
    return new Map(bodies.map((body) => [keyOf({ kind, body }), body]));
  };
  return Object.fromEntries(kinds.map((kind) => [kind, byKey(kind)])) as unknown as ServerObjects;
}
