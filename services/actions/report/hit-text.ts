import type { JsonValue } from "../../../src/core/artifact.js";
import { richToText } from "./html-text.js";
import { oneLine, yesNo } from "./plain-text.js";

/** Deeper is nobody's intelligence. */
const maxDepth = 8;

/** What a threat source said, in one line: `Priority Level: HIGH, Tags: apt`. */
export function hitText(properties: JsonValue, depth = 0): string {
  if (properties === null || depth > maxDepth) return "";
  if (typeof properties === "string") return oneLine(richToText(properties));
  if (typeof properties === "boolean") return yesNo(properties);
  if (typeof properties === "number") return String(properties);
  if (isList(properties)) return joined(properties.map((item) => hitText(item, depth + 1)));
  const { name, value } = properties;
  // The form in which threat sources hand properties in: {type, name, value}.
  if (typeof name === "string" && value !== undefined) return named(name, hitText(value, depth + 1));
  return joined(Object.entries(properties).map(([key, item]) => named(key, hitText(item, depth + 1))));
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function named(name: string, text: string): string {
  return text === "" ? "" : `${oneLine(name)}: ${text}`;
}

function joined(texts: readonly string[]): string {
  return texts.filter((text) => text !== "").join(", ");
}
