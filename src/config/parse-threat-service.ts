import { dirname, resolve } from "node:path";
import type { BasicCredentials, ThreatServiceConfig } from "./app-config.js";
import { expandHome } from "./home-path.js";
import type { SectionReader } from "./section-reader.js";
import { switchWords } from "./switch-words.js";
import { DAY_MS } from "../core/time.js";

interface Folders {
  /** The app.config. */
  readonly path: string;
  readonly home: string;
}

const megabyte = 1024 * 1024;

/** Paths that the program itself answers. */
const reserved = ["health", "ready", "metrics"];

export function parseThreatService(section: SectionReader, folders: Folders): ThreatServiceConfig {
  const config: ThreatServiceConfig = {
    urlBase: readUrlBase(section),
    ...readPolling(section),
    ...readCache(section),
    ...readUploads(section),
    credentials: readCredentials(section),
    maxWrongLogins: section.integer("max_wrong_logins", { min: 0, max: 100_000, fallback: 30 }),
    maxPending: section.integer("max_pending", { min: 100, max: 1_000_000, fallback: 50_000 }),
    // Whatever one artifact may hold fits in.
    maxPendingBytes:
      section.integer("max_pending_mb", { min: 8, max: 65_536, fallback: 64, unit: "megabytes" }) * megabyte,
    ...readBatching(section),
    stateFile: readStateFile(section, folders),
  };
  section.warnOfUnknownKeys();
  return config;
}

type Polling = Pick<
  ThreatServiceConfig,
  "firstRetrySecs" | "laterRetrySecs" | "maxRetries" | "answerWithinMs"
>;

/** When the platform gets its answer. 0 seconds mean the default, as in rc-cts. */
function readPolling(section: SectionReader): Polling {
  const seconds = { min: 0, fallback: 0, unit: "seconds" };
  const answerWithin = { min: 0, max: 30_000, fallback: 1_000, unit: "milliseconds" };
  return {
    firstRetrySecs: section.integer("first_retry_secs", { ...seconds, max: 3_600 }) || 5,
    laterRetrySecs: section.integer("later_retry_secs", { ...seconds, max: 86_400 }) || 60,
    maxRetries: section.integer("max_retries", { min: 0, max: 100_000, fallback: 60 }),
    answerWithinMs: section.integer("answer_within_ms", answerWithin),
  };
}

function readCache(
  section: SectionReader,
): Pick<ThreatServiceConfig, "cacheSize" | "cacheTtlMs" | "missTtlMs"> {
  const cacheTtlMs = readCacheTtl(section);
  const missTtl = { min: 1, max: 365 * DAY_MS, fallback: cacheTtlMs, unit: "milliseconds" };
  return {
    cacheSize: section.integer("cache_size", { min: 1, max: 10_000_000, fallback: 10_000 }),
    cacheTtlMs,
    missTtlMs: section.integer("miss_ttl", missTtl),
  };
}

function readUploads(section: SectionReader): Pick<ThreatServiceConfig, "uploadFile" | "maxUploadBytes"> {
  const megabytes = { min: 1, max: 4_096, fallback: 100, unit: "megabytes" };
  return {
    uploadFile: section.word("upload_file", switchWords, "off") === "on",
    maxUploadBytes: section.integer("max_upload_mb", megabytes) * megabyte,
  };
}

/** How TruSTAR is asked. */
function readBatching(
  section: SectionReader,
): Pick<ThreatServiceConfig, "batchSize" | "batchWindowMs" | "concurrency"> {
  const window = { min: 0, max: 1_000, fallback: 10, unit: "milliseconds" };
  return {
    batchSize: section.integer("batch_size", { min: 1, max: 100, fallback: 100 }),
    batchWindowMs: section.integer("batch_window_ms", window),
    concurrency: section.integer("concurrency", { min: 1, max: 16, fallback: 2 }),
  };
}

function readUrlBase(section: SectionReader): string {
  const text = section.text("urlbase") ?? "/cts";
  const names = text.split("/").filter((name) => name !== "");
  const first = names[0];
  if (
    first === undefined ||
    reserved.includes(first) ||
    !names.every((name) => /^(?!\.+$)[\w.~-]+$/.test(name))
  ) {
    section.problem(
      "urlbase",
      `must be a path such as /cts, of letters, digits and "-._~/", other than / and /${reserved.join(", /")}; ` +
        `not ${section.shown("urlbase")}`,
    );
  }
  return `/${names.join("/")}`;
}

function readCacheTtl(section: SectionReader): number {
  const ttlMs = section.integer("cache_ttl", {
    min: 1,
    max: 365 * DAY_MS,
    fallback: 600_000,
    unit: "milliseconds",
  });
  if (ttlMs < 1_000) {
    section.warn(
      "cache_ttl",
      `is ${ttlMs} milliseconds, so look-ups are hardly cached; rc-cts counted seconds here: ` +
        `${ttlMs} seconds would be ${ttlMs * 1_000}`,
    );
  }
  return ttlMs;
}

function readCredentials(section: SectionReader): BasicCredentials | undefined {
  const user = section.text("auth_user");
  const password = section.secret("auth_password");
  if (user === undefined && password === undefined) return undefined;
  if (user?.includes(":") === true)
    section.problem("auth_user", 'must not contain ":", which ends the user name in Basic authentication');
  if (user === undefined)
    section.missing("auth_user", "auth_password is set, and one is of no use without the other");
  if (password === undefined)
    section.missing("auth_password", "auth_user is set, and one is of no use without the other");
  return user === undefined || password === undefined ? undefined : { user, password };
}

function readStateFile(section: SectionReader, { path, home }: Folders): string | undefined {
  const text = section.text("state_file") ?? "trustar-resilient.state";
  return text.toLowerCase() === "none" ? undefined : resolve(dirname(path), expandHome(text, home));
}
