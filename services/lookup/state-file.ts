import { readFile, rename, truncate } from "node:fs/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import { codeOf } from "../../src/core/error-code.js";
import type { Log } from "../../src/core/ports.js";
import { SECOND_MS, type Clock } from "../../src/core/time.js";
import { JournalFile } from "./journal-file.js";
import type { StateRecord } from "./state-record.js";
import { endLine, headerLine, readState, type StateRules } from "./state-text.js";

export interface StateFileOptions extends StateRules {
  readonly path: string;
  readonly log: Log;
  readonly clock: Clock;
  /** The whole state as records; asked when the file is written anew. */
  readonly snapshot: () => Iterable<StateRecord>;
}

/** Well below the second that a crash may cost. */
const flushEveryMs = 250;
const retryAfterMs = 5 * SECOND_MS;
/**
 * The file is written anew when it holds this many more lines than it needs: new look-ups wait meanwhile, so it
 * should be rare. Reading so many lines more after a crash takes a fifth of a second.
 */
const slackRecords = 20_000;
/** Lines turned into text before other work gets its turn. */
const sliceRecords = 500;

/**
 * The look-ups' memory on disk: a journal of whole lines, appended within a quarter of a second of a change and
 * replaced atomically when it has grown. A line torn by a crash is skipped when read. A disk that can't be written
 * costs the memory, never the service: the state is written whole as soon as it can be.
 */
export class StateFile {
  readonly #options: StateFileOptions;
  readonly #journal: JournalFile;
  #pending: StateRecord[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  /** The next one; who comes while the last is under way shares it. */
  #nextWriting: Promise<void> | undefined;
  #recordsInFile = 0;
  #recordsAtRewrite = 0;
  #rewriteDue = false;
  #failing = false;
  #closed = false;

  constructor(options: StateFileOptions) {
    this.#options = options;
    this.#journal = new JournalFile(options.path);
  }

  /**
   * What was there, with a `gap` at its end unless the file was closed in order: what is missing at its end shows nowhere
   * else. Verdicts of another configuration are left out. A file that can't be read keeps nobody from starting.
   */
  async load(): Promise<readonly StateRecord[]> {
    const { path, log } = this.#options;
    this.#rewriteDue = true;
    let text: string | undefined;
    try {
      text = await readIfThere(path);
    } catch (error) {
      await this.#putAside("the state file can't be read", error);
      return [this.#gap()];
    }
    if (text === undefined) return [];
    const state = readState(text, this.#options);
    if (state === undefined) {
      await this.#putAside("the state file is not one of ours");
      return [this.#gap()];
    }
    const { records, lost, isWhole } = state;
    if (lost > 0)
      log.warn({ path, lines: lost }, "lines of the state file could not be read and were skipped");
    else if (isWhole) return await this.#reopened(text, records);
    else
      log.info({ path }, "the state file was not closed in order: ids that it does not name are sent back");
    return [...records, this.#gap()];
  }

  /** Takes the last line off, which also a full disk allows: what may not be written from now on must be missed then. */
  async #reopened(text: string, records: readonly StateRecord[]): Promise<readonly StateRecord[]> {
    const { path, log } = this.#options;
    try {
      await truncate(path, Buffer.byteLength(text) - endLine.length);
    } catch (error) {
      log.warn({ path, err: error }, "the state file can't be changed: look-ups will not survive a restart");
    }
    return records;
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
    this.#pending.push(record);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.flush();
    }, flushEveryMs).unref();
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

  /** Writes the whole state once more. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#rewriteDue = true;
    await this.flush();
    await this.#journal.close();
  }

  async #write(): Promise<void> {
    const records = this.#pending;
    this.#pending = [];
    if (records.length === 0 && !this.#rewriteDue) return;
    try {
      const grown = this.#recordsInFile + records.length > 2 * this.#recordsAtRewrite + slackRecords;
      if (this.#rewriteDue || grown) await this.#rewrite();
      else await this.#appendLines(records);
      if (this.#failing)
        this.#options.log.info({ path: this.#options.path }, "the state file is written again");
      this.#failing = false;
    } catch (error) {
      this.#onWriteFailure(error);
    }
  }

  async #appendLines(records: readonly StateRecord[]): Promise<void> {
    await this.#journal.append(records.map(lineOf).join(""));
    this.#recordsInFile += records.length;
  }

  async #rewrite(): Promise<void> {
    // Both may change while it is under way, and then it is written once more.
    const isLast = this.#closed;
    this.#rewriteDue = false;
    const snapshot = this.#options.snapshot();
    const header = headerLine(this.#options);
    let records = 0;
    await this.#journal.replace(
      (function* () {
        let text = header;
        for (const record of snapshot) {
          text += lineOf(record);
          records += 1;
          if (records % sliceRecords > 0) continue;
          yield text;
          text = "";
        }
        yield isLast ? text + endLine : text;
      })(),
    );
    this.#recordsInFile = records;
    this.#recordsAtRewrite = records;
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

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}
