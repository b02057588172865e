import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { expandHome } from "./home-path.js";
import { ConfigError } from "../core/errors.js";

/** Variables as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface ConfigPlaces {
  /** From `--config`. */
  readonly explicitPath?: string | undefined;
  readonly env: Environment;
  readonly cwd: string;
  readonly home: string;
}

/**
 * The file to read, as an absolute path. The order is resilient-circuits': a place that was named is final, the two
 * usual ones are tried in turn.
 * @throws ConfigError when there is no file: says where it was looked for and what to do
 */
export function locateConfig(places: ConfigPlaces): string {
  const { explicitPath } = places;
  const fromEnv = places.env["APP_CONFIG_FILE"];
  if (explicitPath !== undefined) return named(explicitPath, "--config", places);
  if (fromEnv !== undefined && fromEnv !== "")
    return named(fromEnv, "environment variable APP_CONFIG_FILE", places);
  const usual = usualPlaces(places);
  const found = usual.find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new ConfigError([
    `no app.config: looked at ${usual.join(" and ")} (APP_CONFIG_FILE isn't set); ` +
      `make one with trustar-resilient config --create, or name your file with --config or APP_CONFIG_FILE`,
  ]);
}

/**
 * The file to make or to add to, as an absolute path, which need not be there: the one that was named, else
 * APP_CONFIG_FILE, else, as resilient-circuits has it, the one in the home folder.
 */
export function placeOfConfig({ explicitPath, env, cwd, home }: ConfigPlaces): string {
  const fromEnv = env["APP_CONFIG_FILE"] ?? "";
  const named = explicitPath ?? (fromEnv === "" ? undefined : fromEnv);
  return named === undefined ? usualPlace(home) : resolve(cwd, expandHome(named, home));
}

/** Whether a file has been named, or stands in one of the usual places. */
export function hasConfig(places: ConfigPlaces): boolean {
  const isNamed = places.explicitPath !== undefined || (places.env["APP_CONFIG_FILE"] ?? "") !== "";
  return isNamed || usualPlaces(places).some((path) => existsSync(path));
}

function usualPlaces({ cwd, home }: ConfigPlaces): readonly string[] {
  return [resolve(cwd, "app.config"), usualPlace(home)];
}

function usualPlace(home: string): string {
  return join(home, ".resilient", "app.config");
}

function named(path: string, source: string, { cwd, home }: ConfigPlaces): string {
  const absolute = resolve(cwd, expandHome(path, home));
  if (existsSync(absolute)) return absolute;
  throw new ConfigError([
    `there is no file ${absolute} (from ${source}); correct the path, or make it with trustar-resilient config --create`,
  ]);
}
