import { randomUUID } from "node:crypto";
import { ApiError, badRequest, notFound } from "./api-error.js";
import type { Exchange } from "./exchange.js";
import { extractIndicators } from "./extract.js";
import type { Account } from "./model.js";
import type { ReportInput } from "./report-input.js";
import type { Report } from "./report-store.js";
import type { World } from "./world.js";

const DEFAULT_MAX_INDICATORS = 2_000;
const DEFAULT_MAX_BYTES = 2 * 1024 * 1024;

export type ProcessingStatus = "SUBMISSION_PROCESSING" | "SUBMISSION_SUCCESS" | "SUBMISSION_FAILURE";

/** The rules of writing and finding reports: rights, unique tracking ids, sizes, processing. */
export class ReportDesk {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** By the id in the path and `idType`. What the caller can't read isn't there. */
  find({ account, query, params }: Exchange): Report {
    return this.#find(account, params.id ?? "", query.oneOf("idType", ["internal", "external"]));
  }

  /** As `find`, for calls that always go by TruSTAR's own id. */
  findInternal({ account, params }: Exchange): Report {
    return this.#find(account, params.id ?? "", "internal");
  }

  /** As `find`, refused when the caller may only look. */
  findWritable(exchange: Exchange): Report {
    const report = this.find(exchange);
    this.#world.enclaves.require(exchange.account, "update", report.enclaveId);
    return report;
  }

  submit(account: Account, input: ReportInput, tags: readonly string[] = []): Report {
    this.#world.enclaves.require(account, "create", input.enclaveId);
    const now = this.#world.clock.now();
    return this.#store({ id: randomUUID(), created: now, submissionVersion: 1, tags }, input);
  }

  /** Everything the caller may set is replaced; what he left out is gone. */
  replace(account: Account, old: Report, input: ReportInput): Report {
    this.#world.enclaves.require(account, "update", old.enclaveId);
    if (input.enclaveId !== old.enclaveId) this.#world.enclaves.require(account, "create", input.enclaveId);
    const { id, created, submissionVersion, tags } = old;
    return this.#store({ id, created, submissionVersion: submissionVersion + 1, tags }, input);
  }

  /** To another enclave, as it is: the id and the tags go along. */
  move(account: Account, report: Report, enclaveId: string): Report {
    const { enclaves, reports, clock } = this.#world;
    enclaves.require(account, "update", report.enclaveId);
    enclaves.require(account, "create", enclaveId);
    this.#checkUnique(report.id, { ...report, enclaveId });
    const submissionVersion = report.submissionVersion + 1;
    const moved = { ...report, enclaveId, submissionVersion, updated: clock.now() };
    reports.put(moved);
    return moved;
  }

  status(report: Report): ProcessingStatus {
    if (report.processedAt > this.#world.clock.now()) return "SUBMISSION_PROCESSING";
    return report.failed === true ? "SUBMISSION_FAILURE" : "SUBMISSION_SUCCESS";
  }

  requireProcessed(report: Report): void {
    if (this.status(report) !== "SUBMISSION_SUCCESS") throw notFound("Report not found or not yet processed");
  }

  #find(account: Account, id: string, idType: "internal" | "external"): Report {
    const { reports, enclaves } = this.#world;
    const found = idType === "external" ? reports.byExternalId(id) : [reports.get(id)];
    const report = found.find((one) => one !== undefined && enclaves.may(account, "read", one.enclaveId));
    if (report === undefined) throw notFound(`Report ${id} not found`);
    return report;
  }

  #store(kept: Pick<Report, "id" | "created" | "submissionVersion" | "tags">, input: ReportInput): Report {
    const { reports, clock, extractionDelayMs } = this.#world;
    this.#checkUnique(kept.id, input);
    const now = clock.now();
    const report = {
      ...kept,
      ...input,
      updated: now,
      processedAt: now + extractionDelayMs,
      failed: this.#world.extractionFails(input),
      indicators: this.#extract(input),
    };
    reports.put(report);
    return report;
  }

  #checkUnique(
    id: string,
    { externalTrackingId, enclaveId }: Pick<Report, "externalTrackingId" | "enclaveId">,
  ): void {
    if (externalTrackingId === undefined) return;
    const twin = this.#world.reports
      .byExternalId(externalTrackingId)
      .find((report) => report.enclaveId === enclaveId && report.id !== id);
    if (twin === undefined) return;
    throw badRequest(`A report with externalTrackingId ${externalTrackingId} already exists in this enclave`);
  }

  #extract({ title, reportBody }: ReportInput) {
    const { indicatorsPerReport = DEFAULT_MAX_INDICATORS, reportBytes = DEFAULT_MAX_BYTES } =
      this.#world.limits.limits;
    if (Buffer.byteLength(reportBody) > reportBytes) {
      throw new ApiError(413, `Request body is too large. Max size of a report is ${reportBytes} bytes`);
    }
    const indicators = extractIndicators(`${title}\n${reportBody}`);
    if (indicators.length > indicatorsPerReport) {
      throw new ApiError(
        413,
        `Too many indicators in report. Max indicators extracted per report are ${indicatorsPerReport}`,
      );
    }
    return indicators;
  }
}
