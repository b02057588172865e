import { createReadStream } from "node:fs";
import { rename, truncate } from "node:fs/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import { codeOf } from "../../src/core/error-code.js";
import type { Log } from "../../src/core/ports.js";
import { inPieces } from "../../src/core/replace-file.js";
import { SECOND_MS, type Clock } from "../../src/core/time.js";
import { JournalFile } from "./journal-file.js";
import type { StateRecord } from "./state-record.js";
import { endLine, headerLine, NotAStateFile, StateReader, type StateRules } from "./state-text.js";

export interface StateFileOptions extends StateRules {
  readonly path: string;
  readonly log: Log;
  readonly clock: Clock;
  /** The whole state as records; asked when the file is written anew. */
  readonly snapshot: () => Iterable<StateRecord>;
  /** What of it changes without a record; asked when the file is closed. Default: nothing. */
  readonly unrecorded?: (() => Iterable<StateRecord>) | undefined;
}

interface Size {
  readonly records: number;
  readonly bytes: number;
}

const nothing: Size = { records: 0, bytes: 0 };

/** Well below the second that a crash may cost. */
const flushEveryMs = 250;
const retryAfterMs = 5 * SECOND_MS;
/**
 * The file is written anew when it holds twice what it needs and this much more: new look-ups wait meanwhile, so it
 * should be rare. Reading so many lines more after a crash takes a fifth of a second.
 */
const slackRecords = 20_000;
const slackBytes = 32 * 1024 * 1024;
/** What may wait for a slow disk; of more the whole state is written instead. */
const maxPendingChars = 32 * 1024 * 1024;

/**
 * The look-ups' memory on disk: a journal of whole lines, appended within a quarter of a second of a change and
 * replaced atomically when it has grown. A line torn by a crash is skipped when read. A disk that can't be written
 * costs the memory, never the service: the state is written whole as soon as it can be.
 */
export class StateFile {
  readonly #options: StateFileOptions;
  readonly #journal: JournalFile;
  /** Lines that are not in the file. */
  #pending: string[] = [];
  #pendingChars = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  /** The next one; who comes while the last is under way shares it. */
  #nextWriting: Promise<void> | undefined;
  #inFile: Size = nothing;
  #atRewrite: Size = nothing;
  #rewriteDue = false;
  #failing = false;
  #closed = false;

  constructor(options: StateFileOptions) {
    this.#options = options;
    this.#journal = new JournalFile(options.path);
  }

  /**
   * What was there, piece by piece, with a `gap` at its end unless the file was closed in order: what is missing at its
   * end shows nowhere else. Verdicts of another configuration are left out. A file that can't be read keeps nobody from
   * starting.
   */
  async *load(): AsyncGenerator<readonly StateRecord[]> {
    const { path } = this.#options;
    this.#rewriteDue = true;
    const reader = new StateReader(this.#options);
    let bytes = 0;
    try {
      for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) {
        bytes += piece.length;
        yield reader.take(piece);
      }
      yield reader.end();
    } catch (error) {
      if (codeOf(error) === "ENOENT") return;
      if (error instanceof NotAStateFile) await this.#putAside("the state file is not one of ours");
      else await this.#putAside("the state file can't be read", error);
      yield [this.#gap()];
      return;
    }
    if (this.#isComplete(reader)) await this.#reopen(bytes);
    else yield [this.#gap()];
  }

  #isComplete({ lost, isWhole }: StateReader): boolean {
    const { path, log } = this.#options;
    if (lost > 0)
      log.warn({ path, lines: lost }, "lines of the state file could not be read and were skipped");
    else if (!isWhole)
      log.info({ path }, "the state file was not closed in order: ids that it does not name are sent back");
    return lost === 0 && isWhole;
  }

  /** Takes the last line off, which also a full disk allows: what may not be written from now on must be missed then. */
  async #reopen(bytes: number): Promise<void> {
    const { path, log } = this.#options;
    try {
      await truncate(path, bytes - endLine.length);
    } catch (error) {
      log.warn({ path, err: error }, "the state file can't be changed: look-ups will not survive a restart");
    }
  }

  #gap(): StateRecord {
    return { is: "gap", atMs: this.#options.clock.now() };
  }

  /** What we can't use is somebody's, or may be read by a person: it is kept if it can be, and nobody's start fails. */
  async #putAside(why: string, cause?: unknown): Promise<void> {
    const { path, log } = this.#options;
    const aside = `${path}.unreadable`;
    try {
      await rename(path, aside);
      log.warn({ path, aside, err: cause }, `${why}; it was put aside and a new one is begun`);
    } catch (error) {
      log.error({ path, err: error }, `${why} and can't be put aside; a new one takes its place if it can`);
    }
  }

  append(record: StateRecord): void {
    if (this.#closed) return;
    // The whole state, when it is written, has it.
    if (!this.#rewriteDue) this.#keepForLater(lineOf(record));
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.flush();
    }, flushEveryMs).unref();
  }

  #keepForLater(line: string): void {
    this.#pending.push(line);
    this.#pendingChars += line.length;
    if (this.#pendingChars > maxPendingChars) {
      this.#takePending();
      this.#rewriteDue = true;
    }
  }

  #takePending(): readonly string[] {
    const pending = this.#pending;
    this.#pending = [];
    this.#pendingChars = 0;
    return pending;
  }

  /** Resolves when everything appended so far is in the file, or could not be written. */
  flush(): Promise<void> {
    // After this turn of the loop: the requests that came in together are written together.
    this.#nextWriting ??= Promise.all([this.#writing, nextTurn()]).then(() => {
      this.#nextWriting = undefined;
      this.#writing = this.#write();
      return this.#writing;
    });
    return this.#nextWriting;
  }

  /** Resolves when a crash of this process could not lose what was appended so far; at once where the disk refuses. */
  async kept(): Promise<void> {
    if (!this.#failing) await this.flush();
  }

  /** Writes what is not in the file; the whole state only where the file does not have it. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    if (!this.#rewriteDue) for (const record of this.#options.unrecorded?.() ?? []) this.append(record);
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.flush();
    // Something else took the file's place, say.
    if (this.#rewriteDue) await this.flush();
    await this.#journal.close();
  }

  async #write(): Promise<void> {
    const lines = this.#takePending();
    if (lines.length === 0 && !this.#rewriteDue && !this.#closed) return;
    try {
      // A stop should not take longer for a file that could be shorter: the next start writes it anew.
      if (this.#rewriteDue || (!this.#closed && this.#isGrown(lines.length))) await this.#rewrite();
      else await this.#appendLines(lines);
      if (this.#failing)
        this.#options.log.info({ path: this.#options.path }, "the state file is written again");
      this.#failing = false;
    } catch (error) {
      this.#onWriteFailure(error);
    }
  }

  #isGrown(newRecords: number): boolean {
    const { records, bytes } = this.#inFile;
    return (
      records + newRecords > 2 * this.#atRewrite.records + slackRecords ||
      bytes > 2 * this.#atRewrite.bytes + slackBytes
    );
  }

  async #appendLines(lines: readonly string[]): Promise<void> {
    const added = new Counted(this.#closed ? [...lines, endLine] : lines);
    await this.#journal.append(added);
    this.#inFile = {
      records: this.#inFile.records + added.records,
      bytes: this.#inFile.bytes + added.bytes,
    };
  }

  async #rewrite(): Promise<void> {
    // If it is closed meanwhile, it gets its last line later.
    const lastLine = this.#closed ? endLine : "";
    this.#rewriteDue = false;
    const snapshot = this.#options.snapshot();
    const whole = new Counted(linesOf(headerLine(this.#options), snapshot, lastLine));
    await this.#journal.replace(whole);
    this.#inFile = whole;
    this.#atRewrite = whole;
  }

  #onWriteFailure(error: unknown): void {
    const { path, log } = this.#options;
    this.#rewriteDue = true;
    if (!this.#failing) {
      log.error(
        { err: error, path },
        "the state file can't be written: look-ups would not survive a restart now",
      );
    }
    this.#failing = true;
    if (this.#closed) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.flush();
    }, retryAfterMs).unref();
  }
}

function lineOf(record: StateRecord): string {
  return `${JSON.stringify(record)}\n`;
}

function* linesOf(header: string, records: Iterable<StateRecord>, lastLine: string): Generator<string> {
  yield header;
  for (const record of records) yield lineOf(record);
  yield lastLine;
}

/** Lines in pieces, counted as they are written. */
class Counted implements Iterable<string>, Size {
  readonly #lines: Iterable<string>;
  records = 0;
  bytes = 0;

  constructor(lines: Iterable<string>) {
    this.#lines = lines;
  }

  *[Symbol.iterator](): Generator<string> {
    for (const piece of inPieces(this.#each())) {
      this.bytes += Buffer.byteLength(piece);
      yield piece;
    }
  }

  *#each(): Generator<string> {
    for (const line of this.#lines) {
      this.records += 1;
      yield line;
    }
  }
}
