import { randomUUID } from "node:crypto";
import { closeSync, existsSync, openSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ThreatServiceConfig } from "../../config/app-config.js";
import { reasonOf } from "../../core/error-code.js";
import { memoryFiles } from "../memory.js";
import { failed, ok, type Link, type Verdict } from "./link.js";

const fix =
  "name a file with state_file in [custom_threat_service] whose folder this program's user can write, or none";

/** What is remembered over a restart can be written: look-ups, and the worker's own writings and answers. */
export function stateLink(config: ThreatServiceConfig): Link {
  return {
    id: "state",
    title: "State file",
    needs: ["config"],
    fix,
    check: () => Promise.resolve(checkFiles(config)),
  };
}

function checkFiles(config: ThreatServiceConfig): Verdict {
  const { stateFile } = config;
  if (stateFile === undefined)
    return ok("none: nothing is remembered over a restart, as the configuration says");
  const files = memoryFiles(config);
  try {
    tryFolder(existingFolder(dirname(stateFile)));
    for (const file of files.filter((one) => existsSync(one))) closeSync(openSync(file, "r+"));
  } catch (error) {
    return failed(`${stateFile}, or a file beside it, can't be written (${reasonOf(error)})`, fix);
  }
  return ok(`${stateFile} and the files beside it can be written by this user`);
}

/** Missing folders are made when the program starts. */
function existingFolder(path: string): string {
  const above = dirname(path);
  return existsSync(path) || above === path ? path : existingFolder(above);
}

/** Rights alone don't tell: a file system may be read-only, and nothing is forbidden to root. */
function tryFolder(path: string): void {
  const file = join(path, `.trustar-resilient-selftest-${randomUUID()}`);
  closeSync(openSync(file, "wx", 0o600));
  rmSync(file);
}
