import { constants } from "node:fs";
import { mkdir, open, stat, writeFile, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { replaceFile } from "../../src/core/replace-file.js";

interface OpenFile {
  readonly handle: FileHandle;
  /** Which file it is, whatever path leads to it. */
  readonly ino: number;
  readonly dev: number;
}

/** A text file that grows at its end, and is now and then replaced by another; readable for its owner only. */
export class JournalFile {
  readonly #path: string;
  #file: OpenFile | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * The file stays open between two calls: opening it costs more than writing some lines.
   * @throws when it can't be written, or is no longer the one at its path: then it has to be replaced
   */
  async append(text: Iterable<string>): Promise<void> {
    try {
      const { handle, ino, dev } = (this.#file ??= await openThere(this.#path));
      const [there] = await Promise.all([stat(this.#path), writeFile(handle, text)]);
      if (there.ino !== ino || there.dev !== dev) throw new Error("another file is in its place");
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Puts another text in the file's place, all of it or nothing. */
  async replace(text: Iterable<string>): Promise<void> {
    await this.close();
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
    await replaceFile(this.#path, text, { mode: 0o600 });
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.handle.close();
  }
}

/** Without O_CREAT: if somebody took the file away, what is appended would be no journal. */
async function openThere(path: string): Promise<OpenFile> {
  const handle = await open(path, constants.O_WRONLY | constants.O_APPEND);
  const { ino, dev } = await handle.stat();
  return { handle, ino, dev };
}
