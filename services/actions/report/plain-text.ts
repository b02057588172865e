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
    .replace(halfCharacter, "\ufffd")
    .replace(invisible, "")
    .split(lineEnd)
    .map((line) => line.replace(blanks, " ").trim())
    .filter((line) => line !== "");
}

export function oneLine(text: string): string {
  return cleanLines(text).join(" ");
}

/** `<TAB>Label: value`; further lines of the value are set in. */
export function field(label: string, value: string): string {
  const [first, ...rest] = cleanLines(value);
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
