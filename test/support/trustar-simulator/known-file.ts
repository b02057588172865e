import { INDICATOR_TYPES, type NewIndicator } from "./model.js";

/**
 * Known indicators, one a line: value, then optionally type, severity level and tags (comma-separated), with tabs
 * between. An empty type is recognised from the value; lines that begin with "#" are comments.
 */
export function parseKnownFile(text: string): readonly NewIndicator[] {
  return text
    .split(/\r?\n/)
    .map((line, at) => ({ line, at: at + 1 }))
    .filter(({ line }) => line.trim() !== "" && !line.startsWith("#"))
    .map(({ line, at }) => parseLine(line, at));
}

function parseLine(line: string, at: number): NewIndicator {
  const [value = "", typeName = "", level = "", tags = ""] = line.split("\t").map((cell) => cell.trim());
  const type = INDICATOR_TYPES.find((known) => known === typeName);
  if (typeName !== "" && type === undefined) throw new Error(`line ${at}: unknown type "${typeName}"`);
  if (!/^(?:-?\d+)?$/.test(level)) throw new Error(`line ${at}: severity must be a number, got "${level}"`);
  return {
    value,
    ...(type === undefined ? {} : { type }),
    ...(level === "" ? {} : { severityLevel: Number(level) }),
    ...(tags === "" ? {} : { tags: tags.split(",").map((tag) => tag.trim()) }),
  };
}
