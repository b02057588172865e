import { z } from "zod";
import { readRecord, type StateRecord } from "./state-record.js";

const format = "trustar-resilient look-ups";
const version = 1;

/** What the records of a state file depend on. */
export interface StateRules {
  /** Changes when old verdicts no longer hold: another server, other enclaves, another threshold. */
  readonly fingerprint: string;
  /** Changes when other values must stay inside: what was accepted before is then not taken up again. */
  readonly policy: string;
}

export interface ReadState {
  /** As far as they hold under the rules of today. */
  readonly records: readonly StateRecord[];
  /** Lines that could not be read; what was cut off at the end counts as one. */
  readonly lost: number;
  /** It was closed in order, so nothing is missing at its end. */
  readonly isWhole: boolean;
}

/** The last line of a file that was closed in order: a file that was cut at a line's end looks whole otherwise. */
export const endLine = `${JSON.stringify({ is: "end" })}\n`;

/** The first line of the file; records follow, a line of JSON each. */
export function headerLine({ fingerprint, policy }: StateRules): string {
  return `${JSON.stringify({ format, version, source: fingerprint, policy })}\n`;
}

/** @returns undefined when it isn't a state file of ours */
export function readState(text: string, rules: StateRules): ReadState | undefined {
  const [first = "", ...lines] = text.split("\n");
  const header = readHeader(first);
  if (header === undefined) return undefined;
  const isWhole = text.endsWith(`\n${endLine}`);
  const written = lines.filter((line) => line !== "" && `${line}\n` !== endLine);
  const records = written.map(readRecord).filter((record) => record !== undefined);
  const unread = written.length - records.length;
  // Lines are written with their ends. A last one without it may be whole by chance, what followed it is missing.
  const lost = unread === 0 && !text.endsWith("\n") ? 1 : unread;
  return { records: underRules(records, header, rules), lost, isWhole };
}

function underRules(
  records: readonly StateRecord[],
  header: Header,
  rules: StateRules,
): readonly StateRecord[] {
  if (header.policy !== rules.policy) return withdraw(records);
  if (header.source === rules.fingerprint) return records;
  // Its verdict no longer holds, but the look-up has ended.
  return records.map((record) => (record.is === "done" ? { is: "dropped", of: record.of } : record));
}

/** Under other rules nothing is taken up again; the ids stay, so that their polls do not read "clean". */
function withdraw(records: readonly StateRecord[]): readonly StateRecord[] {
  return records.flatMap((record): readonly StateRecord[] => {
    if (record.is === "gap") return [record];
    return "id" in record && record.id !== undefined ? [{ is: "id", id: record.id, of: [] }] : [];
  });
}

const headerShape = z.object({
  format: z.literal(format),
  version: z.literal(version),
  source: z.string(),
  policy: z.string(),
});
type Header = z.output<typeof headerShape>;

function readHeader(line: string): Header | undefined {
  try {
    return headerShape.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
