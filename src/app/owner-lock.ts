import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { codeOf } from "../core/error-code.js";
import { ConfigError } from "../core/errors.js";
import type { Log } from "../core/ports.js";
import { isSameProcess, thisProcess } from "./process-mark.js";

export interface OwnerLock {
  release(): Promise<void>;
}

/** A lock as it lies on disk: who holds it. */
const ownerSchema = z.object({ pid: z.int().positive(), started: z.string().optional() });

/** More than this are never after the same files at once. */
const maxTries = 10;

/**
 * Keeps files to one process of this machine: `path` names the one that has them. What a crash left behind is known by
 * its process, which is gone. Where the folder takes no such file there is no lock, and the log says so.
 * @param what whose files they are, and what to do about it, as the end of a sentence
 * @throws ConfigError another process has them
 */
export async function takeLock(path: string, what: string, log: Log): Promise<OwnerLock> {
  const text = `${JSON.stringify(await thisProcess())}\n`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    for (let tries = 0; tries < maxTries; tries += 1) {
      if (await create(path, text)) return { release: () => release(path, text) };
      const found = await read(path);
      if (found === undefined) continue;
      const holder = holderOf(found);
      if (holder !== undefined && (await isSameProcess(holder))) {
        throw new ConfigError([`process ${holder.pid} ${what} (${path})`]);
      }
      await putAside(path, found);
    }
    throw new Error("others take it all the time");
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    log.warn({ err: error, path }, "no lock can be taken: nothing keeps a second worker from the same files");
    return { release: () => Promise.resolve() };
  }
}

/** With all that stands in it, or not at all. @returns false when it is there already */
async function create(path: string, text: string): Promise<boolean> {
  const draft = `${path}.${randomUUID()}`;
  try {
    await writeFile(draft, text, { mode: 0o600, flag: "wx" });
    await link(draft, path);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Takes a dead process's lock away; one that somebody else has put there in this moment goes back. */
async function putAside(path: string, stale: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
    if ((await read(aside)) !== stale) await link(aside, path);
  } catch (error) {
    if (!["ENOENT", "EEXIST"].includes(codeOf(error))) throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

async function release(path: string, text: string): Promise<void> {
  if ((await read(path)) === text) await rm(path, { force: true });
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

function holderOf(text: string): z.infer<typeof ownerSchema> | undefined {
  try {
    return ownerSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
