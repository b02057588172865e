import type { HitDetail } from "../core/hit.js";
import type { ThreatSourceConfig } from "./app-config.js";
import { checkNeverLookup } from "./never-lookup.js";
import type { SectionReader } from "./section-reader.js";
import {
  readApi,
  readApiKey,
  readApiSecret,
  readCallsPerMinute,
  readEnclaveIds,
  readStationUrl,
} from "./trustar-keys.js";
import { switchWords } from "./switch-words.js";
import type { TrustarWay } from "./trustar-way.js";
import { SECOND_MS } from "../core/time.js";

const minPriorities = { LOW: "LOW", MEDIUM: "MEDIUM", HIGH: "HIGH" } as const;
const detailWords: Record<HitDetail, HitDetail> = {
  priority: "priority",
  summaries: "summaries",
  reports: "reports",
};

export function parseThreatSource(section: SectionReader, way: TrustarWay): ThreatSourceConfig | undefined {
  if (!section.exists) return undefined;
  const config: ThreatSourceConfig = {
    ...readApi(section, way),
    stationUrl: readStationUrl(section),
    apiKey: readApiKey(section),
    apiSecret: readApiSecret(section),
    enclaveIds: readSearchEnclaves(section),
    minPriority: section.word("min_priority", minPriorities, "MEDIUM"),
    hitDetail: section.word("hit_detail", detailWords, "summaries"),
    neverLookup: checkNeverLookup(section, "never_lookup"),
    plainStrings: section.word("lookup_plain_strings", switchWords, "off") === "on",
    callsPerMinute: readCallsPerMinute(section),
    timeoutMs:
      section.integer("timeout_secs", { min: 1, max: 300, fallback: 15, unit: "seconds" }) * SECOND_MS,
  };
  section.warnOfUnknownKeys();
  return config;
}

/** The code of the legacy app reads the first key, its guide prints the second. */
function readSearchEnclaves(section: SectionReader): readonly string[] {
  const [ofCode, ofGuide] = ["enclave_ids_for_search", "enclave_ids_for_submission"] as const;
  const [search, submission] = [section.list(ofCode), section.list(ofGuide)];
  return readEnclaveIds(section, search.length > 0 || submission.length === 0 ? ofCode : ofGuide);
}
