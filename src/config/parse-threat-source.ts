import type { HitDetail, ThreatSourceConfig } from "./app-config.js";
import { checkNeverLookup } from "./never-lookup.js";
import type { SectionReader } from "./section-reader.js";
import { readWebAddress } from "./web-address.js";
import type { Secret } from "../core/secret.js";
import { SECOND_MS } from "../core/time.js";

const minPriorities = { LOW: "LOW", MEDIUM: "MEDIUM", HIGH: "HIGH" } as const;
const detailWords: Record<HitDetail, HitDetail> = {
  priority: "priority",
  summaries: "summaries",
  reports: "reports",
};

export function parseThreatSource(section: SectionReader): ThreatSourceConfig | undefined {
  if (!section.exists) return undefined;
  const config: ThreatSourceConfig = {
    url: readWebAddress(section, "url", "https://api.trustar.co", /\/api\/1\.3$/i),
    stationUrl: readWebAddress(section, "station_url", "https://station.trustar.co"),
    apiKey: readKey(section, "user_api_key", "the API key"),
    apiSecret: readKey(section, "user_api_secret", "the API secret"),
    enclaveIds: readEnclaveIds(section),
    minPriority: section.word("min_priority", minPriorities, "MEDIUM"),
    hitDetail: section.word("hit_detail", detailWords, "summaries"),
    neverLookup: checkNeverLookup(section, "never_lookup"),
    timeoutMs:
      section.integer("timeout_secs", { min: 1, max: 300, fallback: 15, unit: "seconds" }) * SECOND_MS,
  };
  section.warnOfUnknownKeys();
  return config;
}

function readKey(section: SectionReader, key: string, what: string): Secret {
  return section.requiredToken(key, `it is ${what} that TruSTAR Station shows under Settings, API`);
}

/** The code of the legacy app reads the first key, its guide prints the second. */
function readEnclaveIds(section: SectionReader): readonly string[] {
  const search = section.list("enclave_ids_for_search");
  const submission = section.list("enclave_ids_for_submission");
  const [key, ids] =
    search.length > 0
      ? (["enclave_ids_for_search", search] as const)
      : (["enclave_ids_for_submission", submission] as const);
  if (!ids.every((id) => /^[\w-]+$/.test(id))) {
    section.problem(
      key,
      "must be enclave ids separated by commas, such as 7a33144f-aef3-442b-87d4-dbf70d8afdb0",
    );
  }
  return ids;
}
