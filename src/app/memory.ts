import type { ThreatServiceConfig } from "../config/app-config.js";

/** Where the worker keeps what it remembers: beside the state file, a path without ending; undefined = nowhere. */
export function memoryOf({ stateFile }: Pick<ThreatServiceConfig, "stateFile">): string | undefined {
  return stateFile?.replace(/\.state$/, "");
}

/** Every file that is written: look-ups, and the worker's memory. */
export function memoryFiles(config: Pick<ThreatServiceConfig, "stateFile">): readonly string[] {
  const memory = memoryOf(config);
  return [config.stateFile, originFile(memory), answersFile(memory)].filter((file) => file !== undefined);
}

/** What the worker has answered. */
export function answersFile(memory: string | undefined): string | undefined {
  return memory === undefined ? undefined : `${memory}.answers`;
}

/** What the worker has written itself. */
export function originFile(memory: string | undefined): string | undefined {
  return memory === undefined ? undefined : `${memory}.written`;
}
