import type { JsonValue } from "../../../src/core/artifact.js";
import { breathe } from "../../../src/core/breathe.js";
import { richToText } from "./html-text.js";
import { cleanLongText, oneLine, yesNo } from "./plain-text.js";

/** Deeper is nobody's intelligence. */
const maxDepth = 8;

/** What a threat source said, in one line: `Priority Level: HIGH, Tags: apt`. */
export async function hitText(properties: JsonValue, depth = 0): Promise<string> {
  if (properties === null || depth > maxDepth) return "";
  if (typeof properties === "string") return (await cleanLongText(await richToText(properties))).join(" ");
  if (typeof properties === "boolean") return yesNo(properties);
  if (typeof properties === "number") return String(properties);
  await breathe();
  if (isList(properties)) return joined(properties, (item) => hitText(item, depth + 1));
  const { name, value } = properties;
  // The form in which threat sources hand properties in: {type, name, value}.
  if (typeof name === "string" && value !== undefined) return named(name, await hitText(value, depth + 1));
  return joined(Object.entries(properties), async ([key, item]) =>
    named(key, await hitText(item, depth + 1)),
  );
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function named(name: string, text: string): string {
  return text === "" ? "" : `${oneLine(name)}: ${text}`;
}

async function joined<T>(items: readonly T[], toText: (item: T) => Promise<string>): Promise<string> {
  const texts: string[] = [];
  for (const item of items) texts.push(await toText(item));
  return texts.filter((text) => text !== "").join(", ");
}
