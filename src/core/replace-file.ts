import { randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  closeSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  type Stats,
} from "node:fs";
import { chmod, chown, open, readdir, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { codeOf } from "./error-code.js";
import { MINUTE_MS } from "./time.js";

export interface ReplaceFileOptions {
  /** Default: that of the file before; of a new one, for its owner only. */
  readonly mode?: number | undefined;
  /** Told of the file that will take the other's place, while it is empty; may throw. */
  readonly onCreated?: ((path: string) => void) | undefined;
}

const ownerOnly = 0o600;
/** Nobody who is still at it leaves his file alone for so long. */
const leftAfterMs = MINUTE_MS;

/**
 * Puts another text in a file's place: whoever reads it meanwhile, a crash, and a full disk find the old or the new one
 * whole. Links are followed, and the owner is kept where that is allowed. Not by write-file-atomic: it takes what a
 * full disk had no room for as written, and puts half a text in the place of a whole one. Of several calls for one file at
 * the same time any may win.
 */
export async function replaceFile(
  path: string,
  text: string | Iterable<string>,
  options: ReplaceFileOptions = {},
): Promise<void> {
  const target = await realpath(path).catch(() => path);
  const before = await stat(target).catch(() => undefined);
  await removeLeftOver(target);
  const next = nameBeside(target);
  try {
    await using file = await open(next, "wx", ownerOnly);
    options.onCreated?.(next);
    await writeFile(file, text);
    await file.sync();
    if (before !== undefined) await chown(next, before.uid, before.gid).catch(passOverIfNotAllowed);
    await chmod(next, modeOf(options, before)).catch(passOverIfNotAllowed);
    await rename(next, target);
  } catch (error) {
    await rm(next, { force: true });
    throw error;
  }
}

const pieceChars = 64 * 1024;

/** Lines in pieces of some size: so few writes, and other work gets its turn between them. */
export function* inPieces(lines: Iterable<string>): Generator<string> {
  let text = "";
  for (const line of lines) {
    text += line;
    if (text.length < pieceChars) continue;
    yield text;
    text = "";
  }
  if (text !== "") yield text;
}

/** The same for a few kilobytes, at once. */
export function replaceFileSync(path: string, text: string, options: ReplaceFileOptions = {}): void {
  const before = statSync(path, { throwIfNoEntry: false });
  const target = before === undefined ? path : realpathSync(path);
  const next = nameBeside(target);
  try {
    const file = openSync(next, "wx", ownerOnly);
    try {
      options.onCreated?.(next);
      writeFileSync(file, Buffer.from(text));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    if (before !== undefined)
      whereAllowed(() => {
        chownSync(next, before.uid, before.gid);
      });
    whereAllowed(() => {
      chmodSync(next, modeOf(options, before));
    });
    renameSync(next, target);
  } catch (error) {
    rmSync(next, { force: true });
    throw error;
  }
}

const nextName = /^[\da-f]{12}\.next$/;

function nameBeside(target: string): string {
  return `${target}.${randomBytes(6).toString("hex")}.next`;
}

/** What was begun by a program that was killed over it, time and again perhaps. */
async function removeLeftOver(target: string): Promise<void> {
  const [folder, beginning] = [dirname(target), `${basename(target)}.`];
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    if (!name.startsWith(beginning) || !nextName.test(name.slice(beginning.length))) continue;
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    // What can't be removed is in nobody's way.
    if (found !== undefined && found.mtimeMs < Date.now() - leftAfterMs)
      await rm(path).catch(() => undefined);
  }
}

function modeOf({ mode }: ReplaceFileOptions, before: Stats | undefined): number {
  return mode ?? (before === undefined ? ownerOnly : before.mode & 0o7777);
}

function whereAllowed(change: () => void): void {
  try {
    change();
  } catch (error) {
    passOverIfNotAllowed(error);
  }
}

/** Only root may give a file away, and some file systems know no modes; it was made for its owner only. */
function passOverIfNotAllowed(error: unknown): void {
  if (!["EPERM", "EINVAL", "ENOSYS"].includes(codeOf(error))) throw error;
}
