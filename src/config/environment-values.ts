import type { Environment } from "./locate-config.js";

interface Variables {
  readonly names: readonly string[];
  /** Whether they go before the file, or count where the file says nothing. */
  readonly beforeFile: boolean;
}

/** What Python's requests reads where no authorities are named. */
const bundles: Variables = { names: ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"], beforeFile: false };

/** Keys, as `section/key`, that resilient-circuits and the libraries beneath it take from the environment, too. */
const variables: Readonly<Record<string, Variables>> = {
  "resilient/loglevel": { names: ["LOGLEVEL"], beforeFile: true },
  "resilient/resource_prefix": { names: ["RESOURCE_PREFIX"], beforeFile: true },
  "resilient/stomp_timeout": { names: ["RESILIENT_STOMP_TIMEOUT"], beforeFile: true },
  "resilient/cafile": bundles,
  "trustar/cafile": bundles,
};

/** The variable that a key's value comes from, if it comes from one; an empty variable counts as not set. */
export function variableOf(
  section: string,
  key: string,
  written: string | undefined,
  env: Environment,
): string | undefined {
  const { names, beforeFile } = variables[`${section}/${key}`] ?? { names: [], beforeFile: false };
  if (!beforeFile && (written ?? "").trim() !== "") return undefined;
  return names.find((name) => (env[name] ?? "").trim() !== "");
}
