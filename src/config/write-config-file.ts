import { chownSync, lstatSync, statSync, type Stats } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { reasonOf } from "../core/error-code.js";
import { TrustarResilientError } from "../core/errors.js";
import { replaceFile } from "../core/replace-file.js";

/** An app.config could not be made or changed; it is as it was. */
export class ConfigFileError extends TrustarResilientError {
  readonly code = "config_file_not_written";
}

/** It holds secrets, or the names of them. */
const ownerOnly = 0o600;

/** Whether there is something at a path, be it a link that leads nowhere. */
export function isTaken(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** Writes an app.config that only its owner can read. @throws ConfigFileError */
export async function writeNewConfig(path: string, text: string): Promise<void> {
  await write(path, text, ownerOnly);
}

/** Replaces the text of an app.config; its mode and owner stay. @throws ConfigFileError */
export async function replaceConfig(path: string, text: string): Promise<void> {
  await write(path, text, undefined);
}

/** The folder of an app.config that is about to be made, if it isn't there: for its owner alone. */
export async function makeFolderOf(path: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new ConfigFileError(`the folder ${dirname(path)} can't be made (${reasonOf(error)})`, {
      cause: error,
    });
  }
}

/** In one step: whoever reads it meanwhile, and a crash, find the old or the new text whole. Links are followed. */
async function write(path: string, text: string, mode: number | undefined): Promise<void> {
  const before = statSync(path, { throwIfNoEntry: false });
  if (before === undefined && isTaken(path))
    throw new ConfigFileError(`${path} is a link to a file that isn't there; make that, or remove the link`);
  try {
    await replaceFile(path, text, {
      mode,
      onCreated: (made) => {
        keepOwner(made, before);
      },
    });
  } catch (error) {
    throw new ConfigFileError(`${path} can't be written (${reasonOf(error)}); ${remedy(error, before)}`, {
      cause: error,
    });
  }
}

/** Else it would be passed over in silence when the owner can't be kept. */
function keepOwner(made: string, before: Stats | undefined): void {
  if (before !== undefined) chownSync(made, before.uid, before.gid);
}

function remedy(error: unknown, before: Stats | undefined): string {
  switch (reasonOf(error)) {
    case "EPERM":
      return `it belongs to user ${before?.uid ?? "?"}, group ${before?.gid ?? "?"}; do this as that user or as root`;
    case "ENOENT":
      return "there is no such folder";
    case "EBUSY":
      return "it is mounted as a single file; change the one that it is mounted from";
    default:
      return "check the permissions of its folder";
  }
}
