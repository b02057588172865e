import type { AccountConfig } from "./app-config.js";
import { parseLeakGuard } from "./parse-leak-guard.js";
import type { SectionReader } from "./section-reader.js";
import { switchWords } from "./switch-words.js";
import {
  readApi,
  readApiKey,
  readApiSecret,
  readCallsPerMinute,
  readEnclaveIds,
  readStationUrl,
} from "./trustar-keys.js";
import type { TrustarWay } from "./trustar-way.js";
import { contentSections, type AccountPolicy, type ContentSection } from "../core/account.js";
import { SECOND_MS } from "../core/time.js";

interface Folders {
  readonly path: string;
  readonly home: string;
}

export function parseAccount(section: SectionReader, folders: Folders, way: TrustarWay): AccountConfig {
  const account: AccountConfig = {
    policy: readPolicy(section, folders),
    ...readApi(section, way),
    stationUrl: readStationUrl(section),
    apiKey: readApiKey(section),
    apiSecret: readApiSecret(section),
    callsPerMinute: readCallsPerMinute(section),
    // A large report takes longer than a look-up: the vendor's own client gives it a minute.
    timeoutMs:
      section.integer("timeout_secs", { min: 1, max: 300, fallback: 60, unit: "seconds" }) * SECOND_MS,
  };
  section.warnOfUnknownKeys();
  return account;
}

function readPolicy(section: SectionReader, folders: Folders): AccountPolicy {
  const workspaces = section.list("workspace");
  if (workspaces.length === 0) {
    section.missing(
      "workspace",
      "it lists the display names of the workspaces that use this account; without one, remove the section",
    );
  }
  const submissionEnclaveIds = readEnclaveIds(section, "enclave_ids_for_submission");
  if (submissionEnclaveIds.length === 0) {
    section.missing("enclave_ids_for_submission", "it lists the ids of the enclaves that reports go to");
  }
  const queryEnclaveIds = readEnclaveIds(section, "enclave_ids_for_query");
  return {
    name: section.name,
    workspaces,
    submissionEnclaveIds,
    queryEnclaveIds: queryEnclaveIds.length > 0 ? queryEnclaveIds : submissionEnclaveIds,
    autoSubmission: readAutoSubmission(section),
    contentSections: readContentSections(section),
    submitNoteReplies: section.word("submit_note_replies", switchWords, "off") === "on",
    excludedIncidentTypes: section.text("incident_types_to_exclude") ?? "",
    tags: readTags(section),
    leakGuard: parseLeakGuard(section, folders),
    maxCorrelated: section.integer("max_correlated", { min: 1, max: 1_000, fallback: 100 }),
  };
}

/** On for exactly `enable`, as in the legacy app: nothing leaves because of a word that was off there. */
function readAutoSubmission(section: SectionReader): boolean {
  const key = "auto_submission";
  const word = section.text(key) ?? "disable";
  if (word !== "enable" && word !== "disable") {
    section.warn(
      key,
      `is ${section.shown(key)}, so nothing is sent by itself; write ${key} = enable, or ${key} = disable`,
    );
  }
  return word === "enable";
}

/**
 * The code of the legacy app reads the first key, its guide prints the second. Without either everything is sent; a key
 * that is there and empty asks for the headline only.
 */
function readContentSections(section: SectionReader): readonly ContentSection[] {
  const [ofCode, ofGuide] = ["incident_content_to_submit", "submit_data_to_trustar"] as const;
  const [hasCodes, hasGuides] = [section.mentions(ofCode), section.mentions(ofGuide)];
  const key = !hasCodes && hasGuides ? ofGuide : ofCode;
  const words = section.list(key).map((word) => word.toLowerCase());
  const wanted = words.flatMap((word) => contentSections.find((name) => name === word) ?? []);
  if (wanted.length < words.length) {
    section.problem(key, `must list some of ${contentSections.join(", ")}; not ${section.shown(key)}`);
  }
  return hasCodes || hasGuides ? [...new Set(wanted)] : contentSections;
}

function readTags(section: SectionReader): readonly string[] {
  const tags = section.list("tag");
  const odd = tags.filter((tag) => tag.length > 90 || !/^[\p{L}\p{N}_-]+$/u.test(tag));
  if (odd.length > 0) {
    section.warn(
      "tag",
      `has ${section.shown("tag", odd.join(", "))}, which TruSTAR may refuse: ` +
        'it takes letters, digits, "-" and "_", at most 90',
    );
  }
  return tags;
}
