import type { JsonValue } from "../../../src/core/artifact.js";

const priorityName = "priority level";
/** Properties of our hits and of the legacy app's, in lower case; of each hit at least one is there. */
const ourNames: ReadonlySet<string> = new Set([
  priorityName,
  "link to trustar",
  "link to trustar report",
  "link to source report",
  "intel provider",
  "time report last updated",
  "time report's incident/event began",
]);

/** No hit is nested deeper. */
const maxDepth = 4;

/**
 * What a report repeats of a hit that TruSTAR itself gave: the priority alone, as with the legacy app. Links to Station,
 * providers' scores and words came from there, and would come back as indicators of this incident.
 * @returns undefined when the hit is another source's; "" when nothing of it is repeated
 */
export function ownHitText(properties: JsonValue): string | undefined {
  const found = new Map(namedValues(properties));
  if (![...found.keys()].some((name) => ourNames.has(name))) return undefined;
  const priority = found.get(priorityName);
  return typeof priority === "string" && /^\w+$/.test(priority) ? `Priority Level: ${priority}` : "";
}

/** Properties as threat sources hand them in, `{type, name, value}`, and as plain keys. */
function namedValues(value: JsonValue, depth = 0): readonly (readonly [string, JsonValue])[] {
  if (value === null || typeof value !== "object" || depth > maxDepth) return [];
  if (isList(value)) return value.flatMap((item) => namedValues(item, depth + 1));
  const { name, value: named } = value;
  const own = typeof name === "string" && named !== undefined ? [[lower(name), named] as const] : [];
  const keys = Object.entries(value).flatMap(([key, item]) => [
    [lower(key), item] as const,
    ...namedValues(item, depth + 1),
  ]);
  return [...keys, ...own];
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function lower(name: string): string {
  return name.trim().toLowerCase();
}
