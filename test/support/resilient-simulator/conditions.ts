import { labelOf } from "./incident-dto.js";
import { toPlainText } from "./rich-text.js";
import type { Condition, RuleRecord } from "./seed-rules.js";
import { asList, asText, asWire, type Wire } from "./wire.js";
import type { PrincipalRecord, World } from "./world.js";

export type ObjectType = "incident" | "artifact" | "note";
export type Operation = "created" | "modified" | "deleted";

/** Something happened to an incident, an artifact or a note. */
export interface ChangeEvent {
  readonly objectType: ObjectType;
  readonly operation: Operation;
  /** As it is now, or was last when it is deleted. */
  readonly incident: Wire & { id: number };
  readonly object: Wire & { id: number };
  /** The object before the change; only when modified. */
  readonly before?: Wire;
  readonly by: PrincipalRecord;
  /** Rules named by the caller's context token: they are not fired again by what they caused. */
  readonly mutedRules: readonly number[];
}

/** Without conditions a rule fires on everything: created, modified, deleted. */
export function ruleApplies(world: World, rule: RuleRecord, event: ChangeEvent): boolean {
  if (rule.conditions.length === 0) return true;
  const holds = (condition: Condition): boolean => conditionHolds(world, condition, event);
  return rule.logic_type === "any" ? rule.conditions.some(holds) : rule.conditions.every(holds);
}

function conditionHolds(world: World, condition: Condition, event: ChangeEvent): boolean {
  const { method } = condition;
  if (method === "object_added") return event.operation === "created";
  if (method === "object_removed") return event.operation === "deleted";
  const path = condition.field_name ?? "";
  const now = readField(world, path, event, event.object);
  const wanted = asList(Array.isArray(condition.value) ? condition.value : [condition.value]);
  const same = wanted.some((one) => now.shown.includes(asText(one)));
  const changed = hasChanged(world, path, event);
  switch (method) {
    case "equals":
    case "in":
      return same;
    case "not_equals":
    case "not_in":
      return !same;
    case "contains":
      return wanted.some((one) => now.shown.some((shown) => shown.includes(asText(one))));
    case "not_contains":
      return !wanted.some((one) => now.shown.some((shown) => shown.includes(asText(one))));
    case "has_a_value":
      return now.raw !== null && now.raw !== undefined && now.raw !== "";
    case "not_has_a_value":
      return now.raw === null || now.raw === undefined || now.raw === "";
    case "changed":
      return changed;
    case "changed_to":
      return changed && same;
    case "not_changed_to":
      return changed && !same;
    default:
      throw new Error(`the simulator has no rule condition "${method}"`);
  }
}

function hasChanged(world: World, path: string, event: ChangeEvent): boolean {
  if (event.operation !== "modified" || event.before === undefined) return false;
  const before = readField(world, path, event, event.before).raw;
  const after = readField(world, path, event, event.object).raw;
  return JSON.stringify(before) !== JSON.stringify(after);
}

interface FieldReading {
  readonly raw: unknown;
  /** What a condition may call it: id, label, programmatic name, text without markup. */
  readonly shown: readonly string[];
}

/** `artifact.type`, `incident.properties.x`; a rule on an artifact or a note may ask about its incident, too. */
function readField(world: World, path: string, event: ChangeEvent, object: Wire): FieldReading {
  const [type, ...rest] = path.split(".");
  const holder = type === event.objectType ? object : type === "incident" ? event.incident : object;
  const name = rest.at(-1) ?? "";
  const direct = rest.length > 1 ? asWire(holder[rest[0] ?? ""])[name] : holder[name];
  const raw = direct ?? asWire(holder["pii"])[name];
  const values = Array.isArray(raw) ? (raw as unknown[]) : [raw];
  return { raw, shown: values.flatMap((value) => namesOf(world, type ?? "", name, value)) };
}

function namesOf(world: World, type: string, name: string, value: unknown): string[] {
  if (type === "artifact" && name === "type") {
    const found = world.artifactTypes.find((one) => one.id === value);
    return found === undefined ? [] : [found.programmatic_name, found.name];
  }
  const field = (world.fields.get(type) ?? []).find((one) => one.name === name);
  const label = labelOf(field, value);
  const text = asText(value);
  return label === undefined ? [text, toPlainText(text)] : [label, text];
}
