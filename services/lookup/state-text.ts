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

/** The last line of a file that was closed in order: a file that was cut at a line's end looks whole otherwise. */
export const endLine = `${JSON.stringify({ is: "end" })}\n`;

/** The first line of the file; records follow, a line of JSON each. */
export function headerLine({ fingerprint, policy }: StateRules): string {
  return `${JSON.stringify({ format, version, source: fingerprint, policy })}\n`;
}

/** The first line is not ours. */
export class NotAStateFile extends Error {}

/**
 * Longer than any line that is written: a look-up's values come from a request of a megabyte at most. What is longer is
 * garbage, and is not held in memory.
 */
const maxLineBytes = 32 * 1024 * 1024;
const lineBreak = 10;

/** Reads a state file piece by piece: it may be larger than memory, or than any string can be. */
export class StateReader {
  readonly #rules: StateRules;
  readonly #maxLineBytes: number;
  #header: Header | undefined;
  /** Of the line that is not at its end. */
  #begun: Buffer[] = [];
  #begunBytes = 0;
  #lastLine = "";
  #unread = 0;

  constructor(rules: StateRules, maxBytes: number = maxLineBytes) {
    this.#rules = rules;
    this.#maxLineBytes = maxBytes;
  }

  /**
   * @returns the records that are whole now, as far as they hold under the rules of today
   * @throws NotAStateFile
   */
  take(piece: Buffer): readonly StateRecord[] {
    const records: StateRecord[] = [];
    let from = 0;
    for (let at = piece.indexOf(lineBreak); at !== -1; at = piece.indexOf(lineBreak, from)) {
      this.#begin(piece.subarray(from, at));
      this.#endLine(records);
      from = at + 1;
    }
    this.#begin(piece.subarray(from));
    return records;
  }

  /**
   * The end of the file: a last line without its own end may be whole by chance, what followed it is missing.
   * @throws NotAStateFile
   */
  end(): readonly StateRecord[] {
    const records: StateRecord[] = [];
    const isCut = this.#begunBytes > 0;
    if (isCut || this.#header === undefined) this.#endLine(records);
    if (isCut) this.#lastLine = "";
    if (isCut && this.#unread === 0) this.#unread = 1;
    return records;
  }

  /** Lines that could not be read; what was cut off at the end counts as one. */
  get lost(): number {
    return this.#unread;
  }

  /** It was closed in order, so nothing is missing at its end. */
  get isWhole(): boolean {
    return `${this.#lastLine}\n` === endLine;
  }

  #begin(part: Buffer): void {
    this.#begunBytes += part.length;
    if (this.#begunBytes > this.#maxLineBytes) this.#begun = [];
    else if (part.length > 0) this.#begun.push(part);
  }

  #endLine(records: StateRecord[]): void {
    const isTooLong = this.#begunBytes > this.#maxLineBytes;
    const line = Buffer.concat(this.#begun).toString("utf8");
    this.#begun = [];
    this.#begunBytes = 0;
    if (this.#header === undefined) {
      this.#header = readHeader(line);
      return;
    }
    this.#lastLine = line;
    if (!isTooLong && (line === "" || `${line}\n` === endLine)) return;
    const record = isTooLong ? undefined : readRecord(line);
    if (record === undefined) {
      this.#unread += 1;
      return;
    }
    const today = underRules(record, this.#header, this.#rules);
    if (today !== undefined) records.push(today);
  }
}

function underRules(record: StateRecord, header: Header, rules: StateRules): StateRecord | undefined {
  if (header.policy !== rules.policy) return withdraw(record);
  if (header.source === rules.fingerprint || record.is !== "done") return record;
  // Its verdict no longer holds, but the look-up has ended.
  return { is: "dropped", of: record.of };
}

/** Under other rules nothing is taken up again; the ids stay, so that their polls do not read "clean". */
function withdraw(record: StateRecord): StateRecord | undefined {
  if (record.is === "gap") return record;
  return "id" in record && record.id !== undefined ? { is: "id", id: record.id, of: [] } : undefined;
}

const headerShape = z.object({
  format: z.literal(format),
  version: z.literal(version),
  source: z.string(),
  policy: z.string(),
});
type Header = z.output<typeof headerShape>;

function readHeader(line: string): Header {
  try {
    return headerShape.parse(JSON.parse(line));
  } catch {
    throw new NotAStateFile();
  }
}
