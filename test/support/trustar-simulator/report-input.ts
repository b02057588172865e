import { badRequest } from "./api-error.js";
import { optionalText, recordBody, requiredText } from "./exchange.js";

/** What a caller may set on a report. */
export interface ReportInput {
  readonly title: string;
  readonly reportBody: string;
  readonly enclaveId: string;
  readonly externalTrackingId?: string;
  readonly externalUrl?: string;
  readonly timeBegan: number;
}

const MAX_URL_LENGTH = 500;
const ISO_WITH_ZONE = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)$/;

/** The same for submit, update and upsert: there is no partial update, and a null counts as absent. */
export function parseReport(body: unknown, nowMs: number): ReportInput {
  const record = recordBody(body);
  const distribution = optionalText(record, "distributionType") ?? "ENCLAVE";
  if (distribution.toUpperCase() !== "ENCLAVE") throw badRequest("distributionType must be ENCLAVE");
  const externalTrackingId = optionalText(record, "externalTrackingId");
  const externalUrl = optionalText(record, "externalUrl");
  if ((externalUrl?.length ?? 0) > MAX_URL_LENGTH) {
    throw badRequest(`externalUrl must not be longer than ${MAX_URL_LENGTH} characters`);
  }
  return {
    title: requiredText(record, "title"),
    reportBody: requiredText(record, "reportBody"),
    enclaveId: oneEnclave(record.enclaveIds),
    ...(externalTrackingId === undefined ? {} : { externalTrackingId }),
    ...(externalUrl === undefined ? {} : { externalUrl }),
    timeBegan: timestamp(record.timeBegan) ?? nowMs,
  };
}

function oneEnclave(value: unknown): string {
  const ids: readonly unknown[] = Array.isArray(value) ? value : [];
  const [id, ...others] = ids;
  if (typeof id !== "string" || others.length > 0) {
    throw badRequest("enclaveIds must contain exactly one enclave id");
  }
  return id;
}

/** Documented as ISO-8601 with a zone; the vendor's own client also sends milliseconds. */
function timestamp(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  const parsed = typeof value === "string" && ISO_WITH_ZONE.test(value) ? Date.parse(value) : NaN;
  if (Number.isNaN(parsed)) throw badRequest("timeBegan must be an ISO-8601 timestamp with a time zone");
  return parsed;
}
