import { breathe } from "../../../src/core/breathe.js";

const lineEnd = /\r\n|[\r\n\v\f\u0085\u2028\u2029]/;
/** Without a glyph, or turning the order of others round: they only hide what a text says. */
const invisible = /[\u00ad\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069]/g;
/** Half of a surrogate pair: no server stores it, so the text would never compare equal again. */
const halfCharacter = /\p{Cs}/gu;
const blanks = /[\p{Zs}\p{Cc}]+/gu;

/** Deeper than anything the report's own structure uses, so a value can't pass for a field, a hit or a section. */
const continuation = "\t\t\t";

/** Lines of a text that hold something, single blanks between words. */
export function cleanLines(text: string): readonly string[] {
  return text
    .split(lineEnd)
    .map(cleanLine)
    .filter((line) => line !== "");
}

/** The same of a text that may be long. */
export async function cleanLongText(text: string): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const line of text.split(lineEnd)) {
    const clean = cleanLine(line);
    if (clean !== "") lines.push(clean);
    if (lines.length % 256 === 0) await breathe();
  }
  return lines;
}

function cleanLine(line: string): string {
  return line.replace(halfCharacter, "\ufffd").replace(invisible, "").replace(blanks, " ").trim();
}

export function oneLine(text: string): string {
  return cleanLines(text).join(" ");
}

/** `<TAB>Label: value`; further lines of the value are set in. */
export function field(label: string, value: string): string {
  return fieldOfLines(label, cleanLines(value));
}

export function fieldOfLines(label: string, [first, ...rest]: readonly string[]): string {
  const head = first === undefined ? `\t${label}:` : `\t${label}: ${first}`;
  return [head, ...rest.map((line) => `${continuation}${line}`)].join("\n");
}

/** `MM/DD/YYYY HH:MM:SS` in UTC; empty when there is no such time. */
export function utcTime(ms: number | undefined): string {
  const date = new Date(ms ?? Number.NaN);
  if (Number.isNaN(date.getTime())) return "";
  const [day = "", time = ""] = date.toISOString().split("T");
  const parts = /^(.+)-(\d\d)-(\d\d)$/.exec(day);
  return `${parts?.[2] ?? ""}/${parts?.[3] ?? ""}/${parts?.[1] ?? ""} ${time.slice(0, 8)}`;
}

/** As the legacy app prints a truth value. */
export function yesNo(value: boolean | undefined): string {
  if (value === undefined) return "";
  return value ? "True" : "False";
}
