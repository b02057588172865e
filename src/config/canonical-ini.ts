/**
 * The INI text that stands between Python's dialect and the `ini` package: one line an entry, everything quoted or
 * escaped, so that no name or value can mean something else to `ini`. Every name ends with a colon: Python's keys never
 * contain one, and it keeps `__proto__` (which `ini` drops), `x[]` (an array to `ini`) and `1` (which a JavaScript
 * object would sort to the front) what they are: names.
 */
const mark = ":";

export function canonicalHeader(section: string): string {
  return `[${encodeURIComponent(section).replaceAll(".", "%2E")}${mark}]`;
}

export function canonicalEntry(key: string, value: string): string {
  return `${quote(key + mark)}=${quote(value)}`;
}

export function sectionOfCanonical(name: string): string {
  return decodeURIComponent(name.slice(0, -mark.length));
}

export function keyOfCanonical(name: string): string {
  return name.slice(0, -mark.length);
}

/** JSON, with the two line separators escaped that JSON leaves as they are and the `.` of `ini`'s pattern refuses. */
function quote(text: string): string {
  return JSON.stringify(text).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}
