import type { ThreatServiceConfig } from "../config/app-config.js";

/** Where the worker keeps what it remembers: beside the state file, a path without ending; undefined = nowhere. */
export function memoryOf({ stateFile }: ThreatServiceConfig): string | undefined {
  return stateFile?.replace(/\.state$/, "");
}

/** What the worker has written itself. */
export function originFile(memory: string | undefined): string | undefined {
  return memory === undefined ? undefined : `${memory}.written`;
}
